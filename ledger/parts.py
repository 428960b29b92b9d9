"""Parts of fills: one that crosses zero closes a trade and opens the next."""

from __future__ import annotations

from fractions import Fraction


def part_of_fees(whole: int, part: int, quantity: int, *, closing: bool) -> int:
    """Return the fees of a part of a fill: a flip's closing part is rounded, its opening part the
    rest.

    whole          micro units of the contract's currency, of all the fill's contracts
    part, quantity contracts of the part and of the fill
    """
    share = round(Fraction(whole * (part if closing else quantity - part), quantity))
    return share if closing else whole - share
