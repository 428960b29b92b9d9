"""How often results of which size came, in bins of one round width."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import count

MOST_BINS = 20
CENT = Decimal("0.01")  # money is told in cents: no edge may fall between two of them
STEPS = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5))


@dataclass(frozen=True, slots=True)
class Bin:
    """The trades with lower <= pnl < upper, USD."""

    lower: Decimal
    upper: Decimal
    pnl: Decimal
    trade_count: int


def bin_width(lowest: Decimal, highest: Decimal) -> Decimal:
    """Return the narrowest round width whose bins hold [lowest, highest] and 0.

    lowest, highest  USD
    returns          1, 2, 2.5 or 5 times a power of ten, at least a cent, at most 20 bins
    """
    for power in count(-2):
        for step in STEPS:
            width = step.scaleb(power)
            first, after = _span(lowest, highest, width)
            if width % CENT == 0 and after - first <= MOST_BINS:
                return width
    raise AssertionError("a width always fits")


def distribution(pnl: Sequence[Decimal]) -> tuple[Bin, ...]:
    """Count trades and sum their PnL by size.

    pnl      USD per closed trade, any order, shape (trades,)
    returns  neighbouring bins in rising order, empty ones included, 0 always among their edges;
             each holds its lower edge and not its upper, so a trade of exactly 0 is in the bin
             that starts there. () where there is no trade
    """
    if not pnl:
        return ()
    lowest, highest = min(pnl), max(pnl)
    width = bin_width(lowest, highest)
    first, after = _span(lowest, highest, width)
    counts = [0] * (after - first)
    sums = [Decimal(0)] * (after - first)
    for result in pnl:
        place = _place(result, width) - first
        counts[place] += 1
        sums[place] += result
    return tuple(
        Bin(n * width, (n + 1) * width, sums[n - first], counts[n - first])
        for n in range(first, after)
    )


def _place(result: Decimal, width: Decimal) -> int:
    """Return the number of the bin that holds the result, 0 starting at 0."""
    whole = int(result // width)  # Decimal rounds towards zero
    return whole - 1 if whole * width > result else whole


def _span(lowest: Decimal, highest: Decimal, width: Decimal) -> tuple[int, int]:
    """Return the first bin and the one after the last, the edge 0 included."""
    return min(_place(lowest, width), 0), max(_place(highest, width) + 1, 0)
