"""Every figure of the metric table, from closed trades in closing order.

    win_loss(...)  the counts, rates and averages
    summary(...)   all of them

Money stays `Decimal`; a float appears only in a ratio. What is undefined is None, and its reason
is a sentence in `notes`.
"""

from calc.metrics.record import Summary, WinLoss, summary, win_loss
from calc.metrics.risk import max_drawdown, sharpe, sortino, sqn, weekdays
from calc.metrics.streaks import longest_run, outcomes_of

__all__ = [
    "Summary",
    "WinLoss",
    "longest_run",
    "max_drawdown",
    "outcomes_of",
    "sharpe",
    "sortino",
    "sqn",
    "summary",
    "weekdays",
    "win_loss",
]
