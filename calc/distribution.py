"""How often results of which size came, in bins of one round width."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import count, pairwise

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


def edges(lowest: Decimal, highest: Decimal) -> tuple[Decimal, ...]:
    """Return the edges, rising, of bins of one round width that hold [lowest, highest].

    0 is always one of them; the last is above the highest.
    """
    width = bin_width(lowest, highest)
    first, after = _span(lowest, highest, width)
    return tuple(n * width for n in range(first, after + 1))


def bins(cuts: Sequence[Decimal], sums: Mapping[int, tuple[Decimal, int]]) -> tuple[Bin, ...]:
    """Return neighbouring bins in rising order, empty ones included.

    cuts  as from edges()
    sums  PnL in USD and number of trades, by the number of the bin, from 0; absent = no trade
    """
    return tuple(
        Bin(lower, upper, *sums.get(place, (Decimal(0), 0)))
        for place, (lower, upper) in enumerate(pairwise(cuts))
    )


def distribution(pnl: Sequence[Decimal]) -> tuple[Bin, ...]:
    """Count trades and sum their PnL by size.

    pnl      USD per closed trade, any order, shape (trades,)
    returns  neighbouring bins in rising order, empty ones included, 0 always among their edges;
             each holds its lower edge and not its upper, so a trade of exactly 0 is in the bin
             that starts there. () where there is no trade
    """
    if not pnl:
        return ()
    cuts = edges(min(pnl), max(pnl))
    sums: dict[int, tuple[Decimal, int]] = {}
    for result in pnl:
        place = bisect_right(cuts, result) - 1
        total, trades = sums.get(place, (Decimal(0), 0))
        sums[place] = (total + result, trades + 1)
    return bins(cuts, sums)


def _place(result: Decimal, width: Decimal) -> int:
    """Return the number of the bin that holds the result, 0 starting at 0."""
    whole = int(result // width)  # Decimal rounds towards zero
    return whole - 1 if whole * width > result else whole


def _span(lowest: Decimal, highest: Decimal, width: Decimal) -> tuple[int, int]:
    """Return the first bin and the one after the last, the edge 0 included."""
    return min(_place(lowest, width), 0), max(_place(highest, width) + 1, 0)
