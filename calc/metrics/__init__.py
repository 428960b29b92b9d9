"""Every figure of the metric table, from closed trades in closing order.

    win_loss(...)  the counts, rates and averages
    summary(...)   all of them
    win_loss_of(tally), summary_of(tally, ...)   the same from sums that a database made
    rates_of(...)  the counts and rates alone
    place(...)     where one stands among others

Money stays `Decimal`; a float appears only in a ratio. What is undefined is None, and its reason
is a sentence in `notes`.
"""

from calc.metrics.ranking import Place, place
from calc.metrics.record import (
    NO_LOSSES,
    NO_TRADES,
    Rates,
    Summary,
    WinLoss,
    rates_of,
    summary,
    summary_of,
    win_loss,
    win_loss_of,
)
from calc.metrics.risk import max_drawdown, sharpe, sortino, sqn, weekdays
from calc.metrics.streaks import LOSS, WIN, longest_run, outcomes_of
from calc.metrics.tally import Tally, tally

__all__ = [
    "LOSS",
    "NO_LOSSES",
    "NO_TRADES",
    "WIN",
    "Place",
    "Rates",
    "Summary",
    "Tally",
    "WinLoss",
    "longest_run",
    "max_drawdown",
    "outcomes_of",
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
