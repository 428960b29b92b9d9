"""What a series of results says about risk: drawdown, sharpe, sortino, sqn."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal, localcontext
from math import sqrt

ZERO = Decimal(0)
TRADING_DAYS = 252
SATURDAY = 5

# Squares and sums of squares of micro-USD are exact in this many digits, for any books.
DIGITS = 120


def max_drawdown(pnl: Sequence[Decimal]) -> Decimal:
    """Return the deepest fall of cumulative PnL below its running peak.

    pnl      USD per day, oldest first, shape (days,); () gives 0
    returns  USD, >= 0; the peak starts at 0, so a first loss already falls
    """
    peak = total = worst = ZERO
    for day in pnl:
        total += day
        peak = max(peak, total)
        worst = max(worst, peak - total)
    return worst


def weekdays(start: date, end: date) -> int:
    """Count the days from Monday to Friday, both ends included; 0 where end < start."""
    days = (end - start).days + 1
    if days <= 0:
        return 0
    weeks, rest = divmod(days, 7)
    return weeks * 5 + sum((start.weekday() + n) % 7 < SATURDAY for n in range(rest))


def quiet_days(traded: Sequence[date], start: date, end: date) -> int:
    """Count the weekdays of a period on which nothing was traded.

    traded   the days with a trade, distinct, any order
    returns  how many zeros the daily series holds beside them
    errors   ValueError: a day outside the period, which would count for a series it is not in
    """
    if any(not start <= day <= end for day in traded):
        raise ValueError("a day with a trade lies outside the period")
    return weekdays(start, end) - sum(day.weekday() < SATURDAY for day in traded)


def sharpe(pnl: Sequence[Decimal], quiet: int = 0) -> float | None:
    """Return sqrt(252) x mean / sd of daily PnL, sd with ddof 1.

    pnl      USD per day with a trade, shape (days,)
    quiet    how many more days of the series were 0
    returns  None with fewer than two days, or where no day differs from another
    """
    ratio = _mean_over_sd(pnl, len(pnl) + quiet)
    return None if ratio is None else sqrt(TRADING_DAYS) * ratio


def sortino(pnl: Sequence[Decimal], quiet: int = 0) -> float | None:
    """Return sqrt(252) x mean / downside of daily PnL, downside sqrt(mean(min(0, x)^2)).

    pnl, quiet  as in sharpe
    returns     None without a losing day
    """
    days = len(pnl) + quiet
    with localcontext(prec=DIGITS):
        falls = sum((day * day for day in pnl if day < 0), ZERO)
        if not falls:
            return None
        # mean / sqrt(falls / days) = total / sqrt(falls x days)
        return sqrt(TRADING_DAYS) * float(sum(pnl, ZERO) / (falls * days).sqrt())


def sqn(pnl: Sequence[Decimal]) -> float | None:
    """Return sqrt(N) x mean / sd of the PnL per trade, sd with ddof 1.

    pnl      USD per closed trade, shape (trades,)
    returns  None with fewer than two trades, or where all are equal
    """
    with localcontext(prec=DIGITS):
        return sqn_of(sum(pnl, ZERO), sum((p * p for p in pnl), ZERO), len(pnl))


def sqn_of(total: Decimal, squares: Decimal, trades: int) -> float | None:
    """Return the same from the sum of the PnL, the exact sum of its squares, and their number."""
    ratio = _ratio_to_sd(total, squares, trades)
    return None if ratio is None else sqrt(trades) * ratio


def _mean_over_sd(values: Sequence[Decimal], count: int) -> float | None:
    """Return mean / sd (ddof 1) of the values and as many zeros as make up the count."""
    with localcontext(prec=DIGITS):
        return _ratio_to_sd(sum(values, ZERO), sum((v * v for v in values), ZERO), count)


def _ratio_to_sd(total: Decimal, squares: Decimal, count: int) -> float | None:
    """Return mean / sd (ddof 1) of `count` values, from their sum and that of their squares.

    The spread is exact, so that equal values give 0 and not a float's noise.
    """
    if count < 2:
        return None
    with localcontext(prec=DIGITS):
        spread = count * squares - total * total
        if not spread:
            return None
        # variance = spread / (count x (count - 1)), mean = total / count
        return float(total * Decimal(count - 1).sqrt() / (spread * count).sqrt())
