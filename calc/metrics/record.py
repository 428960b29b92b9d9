"""A trader's record in one object, with a reason for all that is undefined."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeVar

from calc.metrics.risk import max_drawdown, quiet_days, sharpe, sortino, sqn_of
from calc.metrics.tally import ZERO, Score, Tally, tally

NO_TRADES = "no trade was closed in the period"
NO_WINS = "there is no winning trade"
NO_LOSSES = "there is no losing trade"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Rates:
    """Counts and rates alone, fractions of 1; the rest as in WinLoss."""

    trade_count: int
    win_count: int
    loss_count: int
    scratch_count: int
    win_rate: float | None
    loss_rate: float | None
    win_loss_ratio: float | None
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WinLoss:
    """Counts, rates and averages; USD where money, fractions of 1 where rates.

    A win is a trade of outcome +1. `notes` holds a sentence for each figure that is None.
    """

    trade_count: int
    win_count: int
    loss_count: int
    scratch_count: int
    win_rate: float | None
    loss_rate: float | None
    win_loss_ratio: float | None
    average_win: Decimal | None
    average_loss: Decimal | None
    payoff_ratio: float | None
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Brief:
    """One line about a record; USD, fractions of 1. The rest as in Summary."""

    trade_count: int
    pnl: Decimal
    win_rate: float | None
    profit_factor: float | None
    expectancy: Decimal | None
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """The whole metric table; USD, fractions of 1, seconds.

    Sums and extremes go by the sign of the PnL, counts, averages and runs by the outcome; the two
    differ only where a scratch tolerance is set. So gross_profit + gross_loss is always pnl.
    """

    trade_count: int
    win_count: int
    loss_count: int
    scratch_count: int
    pnl: Decimal
    win_rate: float | None
    loss_rate: float | None
    win_loss_ratio: float | None
    gross_profit: Decimal
    gross_loss: Decimal
    profit_factor: float | None
    average_win: Decimal | None
    average_loss: Decimal | None
    payoff_ratio: float | None
    expectancy: Decimal | None
    largest_win: Decimal | None
    largest_loss: Decimal | None
    max_consecutive_wins: int
    max_consecutive_losses: int
    max_drawdown: Decimal
    recovery_factor: float | None
    sharpe: float | None
    sortino: float | None
    sqn: float | None
    average_hold_seconds: Decimal | None
    median_hold_seconds: Decimal | None
    notes: tuple[str, ...]


class Notes(list[str]):
    """Collects a sentence for each figure that has no value."""

    def unless(self, reason: str, name: str, value: T | None) -> T | None:
        """Return the value; where there is none, note why."""
        if value is None:
            self.append(f"{name} is null: {reason}")
        return value


def win_loss(*, pnl: Sequence[Decimal], outcomes: Sequence[int] | None = None) -> WinLoss:
    """Count wins, losses and scratches.

    pnl       USD per closed trade, shape (trades,)
    outcomes  +1 win, 0 scratch, -1 loss per trade; None = the sign of its pnl
    errors    ValueError: as many outcomes as trades are needed, each of the three
    """
    return win_loss_of(tally(pnl=pnl, outcomes=outcomes))


def rates_of(*, trades: int, wins: int, losses: int) -> Rates:
    """Return the rates of so many trades, of which so many won and lost."""
    notes = Notes()
    no_losses = NO_LOSSES if trades else NO_TRADES
    return Rates(
        trade_count=trades,
        win_count=wins,
        loss_count=losses,
        scratch_count=trades - wins - losses,
        win_rate=notes.unless(NO_TRADES, "win_rate", ratio(wins, trades)),
        loss_rate=notes.unless(NO_TRADES, "loss_rate", ratio(losses, trades)),
        win_loss_ratio=notes.unless(no_losses, "win_loss_ratio", ratio(wins, losses)),
        notes=tuple(notes),
    )


def win_loss_of(sums: Tally) -> WinLoss:
    """Return the counts, rates and averages of trades that are summed already."""
    trades, wins, losses = sums.trade_count, sums.win_count, sums.loss_count
    rates = rates_of(trades=trades, wins=wins, losses=losses)
    notes = Notes(rates.notes)
    won, lost = mean(sums.won, wins), mean(sums.lost, losses)
    no_wins = NO_WINS if trades else NO_TRADES
    no_losses = NO_LOSSES if trades else NO_TRADES
    payoff = ratio(won, abs(lost)) if won is not None and lost is not None else None
    return WinLoss(
        trade_count=trades,
        win_count=wins,
        loss_count=losses,
        scratch_count=rates.scratch_count,
        win_rate=rates.win_rate,
        loss_rate=rates.loss_rate,
        win_loss_ratio=rates.win_loss_ratio,
        average_win=notes.unless(no_wins, "average_win", won),
        average_loss=notes.unless(no_losses, "average_loss", lost),
        payoff_ratio=notes.unless(no_wins if won is None else no_losses, "payoff_ratio", payoff),
        notes=tuple(notes),
    )


def brief_of(sums: Score) -> Brief:
    """Return the line about trades that are summed already."""
    trades, notes = sums.trade_count, Notes()
    no_losses = NO_LOSSES if trades else NO_TRADES
    return Brief(
        trade_count=trades,
        pnl=sums.pnl,
        win_rate=notes.unless(NO_TRADES, "win_rate", ratio(sums.win_count, trades)),
        profit_factor=notes.unless(no_losses, "profit_factor", ratio(sums.profit, abs(sums.loss))),
        expectancy=notes.unless(NO_TRADES, "expectancy", mean(sums.pnl, trades)),
        notes=tuple(notes),
    )


def summary(
    *,
    pnl: Sequence[Decimal],
    outcomes: Sequence[int] | None = None,
    hold_seconds: Sequence[Decimal],
    daily: Mapping[date, Decimal],
    start: date,
    end: date,
) -> Summary:
    """Return the whole metric table of a period.

    pnl           USD per closed trade in closing order, shape (trades,)
    outcomes      as in win_loss
    hold_seconds  last exit - first entry of each trade, shape (trades,)
    daily         USD by closing day, for the days with a trade, any order
    start, end    the period, both ends included
    errors        ValueError: lengths that differ, a day outside the period, or daily sums that are
                  not the trades' own
    """
    if len(hold_seconds) != len(pnl):
        raise ValueError("one holding time per trade")
    if sum(daily.values(), ZERO) != sum(pnl, ZERO):
        raise ValueError("the daily sums are not those of the trades")
    sums = tally(pnl=pnl, outcomes=outcomes, hold_seconds=hold_seconds)
    return summary_of(sums, daily=daily, start=start, end=end)


def summary_of(sums: Tally, *, daily: Mapping[date, Decimal], start: date, end: date) -> Summary:
    """Return the whole metric table of trades that are summed already; the rest as in summary."""
    base = win_loss_of(sums)
    trades, notes = sums.trade_count, Notes(base.notes)
    by_day = [daily[day] for day in sorted(daily)]
    quiet = quiet_days(tuple(daily), start, end)
    fall = max_drawdown(by_day)
    even_days = "it needs two days that differ" if trades else NO_TRADES
    no_fall = "there is no losing day" if trades else NO_TRADES
    even_trades = "it needs two trades that differ" if trades else NO_TRADES
    no_wins = NO_WINS if trades else NO_TRADES
    no_losses = NO_LOSSES if trades else NO_TRADES
    return Summary(
        trade_count=trades,
        win_count=base.win_count,
        loss_count=base.loss_count,
        scratch_count=base.scratch_count,
        pnl=sums.pnl,
        win_rate=base.win_rate,
        loss_rate=base.loss_rate,
        win_loss_ratio=base.win_loss_ratio,
        gross_profit=sums.profit,
        gross_loss=sums.loss,
        profit_factor=notes.unless(no_losses, "profit_factor", ratio(sums.profit, abs(sums.loss))),
        average_win=base.average_win,
        average_loss=base.average_loss,
        payoff_ratio=base.payoff_ratio,
        expectancy=notes.unless(NO_TRADES, "expectancy", mean(sums.pnl, trades)),
        largest_win=notes.unless(no_wins, "largest_win", sums.largest_win),
        largest_loss=notes.unless(no_losses, "largest_loss", sums.largest_loss),
        max_consecutive_wins=sums.win_run,
        max_consecutive_losses=sums.loss_run,
        max_drawdown=fall,
        recovery_factor=notes.unless(
            "there is no drawdown" if trades else NO_TRADES,
            "recovery_factor",
            ratio(sums.pnl, fall),
        ),
        sharpe=notes.unless(even_days, "sharpe", sharpe(by_day, quiet)),
        sortino=notes.unless(no_fall, "sortino", sortino(by_day, quiet)),
        sqn=notes.unless(even_trades, "sqn", sqn_of(sums.pnl, sums.squares, trades)),
        average_hold_seconds=notes.unless(
            NO_TRADES, "average_hold_seconds", mean(sums.hold_seconds, trades)
        ),
        median_hold_seconds=notes.unless(
            NO_TRADES, "median_hold_seconds", sums.median_hold_seconds
        ),
        notes=tuple(notes),
    )


def mean(total: Decimal, count: int) -> Decimal | None:
    """Return total / count in the unit of the total; None where nothing was counted."""
    return total / count if count else None


def ratio(above: Decimal | int, below: Decimal | int) -> float | None:
    """Return above / below, both of one unit; None where it has no value."""
    return float(Decimal(above) / Decimal(below)) if below else None
