"""Where one stands among others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from calc.metrics.tally import Score

MEASURES = ("pnl", "win_rate", "profit_factor", "expectancy")


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a ranking, the highest value first.

    rank        1 + how many stand above; equals share a rank, and the next ranks stay empty
    percentile  of the others, how many stand below, in percent; equals count half: 100 is alone
                at the top, 0 alone at the bottom, 50 in the middle; None without others
    """

    rank: int
    percentile: float | None


def place(own: Fraction, others: Iterable[Fraction]) -> Place:
    """Return where `own` stands.

    own, others  exact values, so that equal ones are equal; () gives rank 1
    """
    above = below = level = 0
    for other in others:
        above += other > own
        below += other < own
        level += other == own
    count = above + below + level
    percentile = float(Fraction(100 * (2 * below + level), 2 * count)) if count else None
    return Place(1 + above, percentile)


def measures_of(sums: Score) -> Mapping[str, Fraction | None]:
    """Return what traders are ranked by, of trades that are summed already.

    returns  each of MEASURES, exact; None where it is undefined
    """
    trades, pnl, loss = sums.trade_count, Fraction(sums.pnl), abs(Fraction(sums.loss))
    return {
        "pnl": pnl if trades else None,
        "win_rate": Fraction(sums.win_count, trades) if trades else None,
        "profit_factor": Fraction(sums.profit) / loss if loss else None,
        "expectancy": pnl / trades if trades else None,
    }
