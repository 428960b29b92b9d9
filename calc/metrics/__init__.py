"""Every figure of the metric table, from closed trades in closing order.

    win_loss(...)  the counts, rates and averages
    summary(...)   all of them
    win_loss_of(tally), summary_of(tally, ...)   the same from sums that a database made
    rates_of(...), brief_of(score)   the rates alone; a line of a table
    overview_of(tally, ...)          what a trader asks first
    place(...), measures_of(score)   where one stands among others, and by what

Money stays `Decimal`; a float appears only in a ratio. What is undefined is None, and its reason
is a sentence in `notes`.
"""

from calc.metrics.overview import Overview, overview_of
from calc.metrics.part import Part
from calc.metrics.ranking import MEASURES, Place, measures_of, place
from calc.metrics.record import (
    NO_LOSSES,
    NO_TRADES,
    Brief,
    Rates,
    Summary,
    WinLoss,
    brief_of,
    rates_of,
    summary,
    summary_of,
    win_loss,
    win_loss_of,
)
from calc.metrics.risk import max_drawdown, sharpe, sortino, sqn, weekdays
from calc.metrics.streaks import LOSS, WIN, longest_run, outcomes_of
from calc.metrics.tally import Score, Tally, tally

__all__ = [
    "LOSS",
    "MEASURES",
    "NO_LOSSES",
    "NO_TRADES",
    "WIN",
    "Brief",
    "Overview",
    "Part",
    "Place",
    "Rates",
    "Score",
    "Summary",
    "Tally",
    "WinLoss",
    "brief_of",
    "longest_run",
    "max_drawdown",
    "measures_of",
    "outcomes_of",
    "overview_of",
    "place",
    "rates_of",
    "sharpe",
    "sortino",
    "sqn",
    "summary",
    "summary_of",
    "tally",
    "weekdays",
    "win_loss",
    "win_loss_of",
]
