"""What a trader asks first about a set of trades."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from calc.metrics.record import NO_LOSSES, NO_TRADES, NO_WINS, Notes, mean, ratio, win_loss_of
from calc.metrics.risk import max_drawdown
from calc.metrics.tally import Tally


@dataclass(frozen=True, slots=True)
class Overview:
    """Counts, rates and averages of a set of trades; USD, fractions of 1, seconds.

    average_r  what a trade brings in units of risk. No stop is known, so the average loss stands
               for what a trade risks: expectancy / |average_loss|
    """

    trade_count: int
    win_count: int
    loss_count: int
    scratch_count: int
    day_count: int
    pnl: Decimal
    win_rate: float | None
    average_win: Decimal | None
    average_loss: Decimal | None
    payoff_ratio: float | None
    profit_factor: float | None
    expectancy: Decimal | None
    average_r: float | None
    largest_win: Decimal | None
    largest_loss: Decimal | None
    max_consecutive_wins: int
    max_consecutive_losses: int
    max_drawdown: Decimal
    average_hold_seconds: Decimal | None
    median_hold_seconds: Decimal | None
    notes: tuple[str, ...]


def overview_of(sums: Tally, *, by_day: Sequence[Decimal]) -> Overview:
    """Return the overview of trades that are summed already.

    by_day   USD per day with a trade, oldest first, shape (days,)
    returns  notes with a sentence for each figure that is None
    """
    base = win_loss_of(sums)
    trades, notes = sums.trade_count, Notes()
    no_wins = NO_WINS if trades else NO_TRADES
    no_losses = NO_LOSSES if trades else NO_TRADES
    expectancy, loss = mean(sums.pnl, trades), base.average_loss
    payoff_lacks = no_wins if base.average_win is None else no_losses
    average_r = None if expectancy is None or loss is None else ratio(expectancy, abs(loss))
    profit_factor = ratio(sums.profit, abs(sums.loss))
    hold = mean(sums.hold_seconds, trades)
    return Overview(
        trade_count=trades,
        win_count=base.win_count,
        loss_count=base.loss_count,
        scratch_count=base.scratch_count,
        day_count=len(by_day),
        pnl=sums.pnl,
        win_rate=notes.unless(NO_TRADES, "win_rate", base.win_rate),
        average_win=notes.unless(no_wins, "average_win", base.average_win),
        average_loss=notes.unless(no_losses, "average_loss", loss),
        payoff_ratio=notes.unless(payoff_lacks, "payoff_ratio", base.payoff_ratio),
        profit_factor=notes.unless(no_losses, "profit_factor", profit_factor),
        expectancy=notes.unless(NO_TRADES, "expectancy", expectancy),
        average_r=notes.unless(no_losses, "average_r", average_r),
        largest_win=notes.unless(no_wins, "largest_win", sums.largest_win),
        largest_loss=notes.unless(no_losses, "largest_loss", sums.largest_loss),
        max_consecutive_wins=sums.win_run,
        max_consecutive_losses=sums.loss_run,
        max_drawdown=max_drawdown(by_day),
        average_hold_seconds=notes.unless(NO_TRADES, "average_hold_seconds", hold),
        median_hold_seconds=notes.unless(
            NO_TRADES, "median_hold_seconds", sums.median_hold_seconds
        ),
        notes=tuple(notes),
    )
