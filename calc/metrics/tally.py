"""What the metric table needs of single trades, as sums that a database can make as well."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from statistics import median

from calc.metrics.risk import DIGITS
from calc.metrics.streaks import LOSS, SCRATCH, WIN, longest_run, outcomes_of

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Tally:
    """Sums over closed trades; USD and seconds.

    win_count, loss_count, won, lost   by outcome, won and lost the sums of their pnl
    profit, loss, largest_*            by the sign of the pnl; None where there is none
    squares                            sum of pnl x pnl, USD^2, exact
    win_run, loss_run                  longest in closing order; scratches do not count
    """

    trade_count: int
    win_count: int
    loss_count: int
    pnl: Decimal
    won: Decimal
    lost: Decimal
    profit: Decimal = ZERO
    loss: Decimal = ZERO
    largest_win: Decimal | None = None
    largest_loss: Decimal | None = None
    squares: Decimal = ZERO
    win_run: int = 0
    loss_run: int = 0
    hold_seconds: Decimal = ZERO
    median_hold_seconds: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """The few sums by which traders are compared; USD.

    win_count     by outcome
    profit, loss  by the sign of the pnl
    """

    trade_count: int
    win_count: int
    pnl: Decimal
    profit: Decimal
    loss: Decimal


def tally(
    *,
    pnl: Sequence[Decimal],
    outcomes: Sequence[int] | None = None,
    hold_seconds: Sequence[Decimal] = (),
) -> Tally:
    """Sum up trades, one by one.

    pnl           USD per closed trade in closing order, shape (trades,)
    outcomes      +1 win, 0 scratch, -1 loss, shape (trades,); None = the sign of the pnl
    hold_seconds  shape (trades,), or () where nobody asks
    errors        ValueError: as many outcomes as trades are needed, each of the three
    """
    outcomes = _checked(pnl, outcomes)
    by_outcome = list(zip(pnl, outcomes, strict=True))
    with localcontext(prec=DIGITS):
        squares = sum((p * p for p in pnl), ZERO)
    return Tally(
        trade_count=len(pnl),
        win_count=outcomes.count(WIN),
        loss_count=outcomes.count(LOSS),
        pnl=sum(pnl, ZERO),
        won=sum((p for p, outcome in by_outcome if outcome == WIN), ZERO),
        lost=sum((p for p, outcome in by_outcome if outcome == LOSS), ZERO),
        profit=sum((p for p in pnl if p > 0), ZERO),
        loss=sum((p for p in pnl if p < 0), ZERO),
        largest_win=max((p for p in pnl if p > 0), default=None),
        largest_loss=min((p for p in pnl if p < 0), default=None),
        squares=squares,
        win_run=longest_run(outcomes, WIN),
        loss_run=longest_run(outcomes, LOSS),
        hold_seconds=sum(hold_seconds, ZERO),
        median_hold_seconds=median(hold_seconds) if hold_seconds else None,
    )


def _checked(pnl: Sequence[Decimal], outcomes: Sequence[int] | None) -> tuple[int, ...]:
    if outcomes is None:
        return outcomes_of(pnl)
    if len(outcomes) != len(pnl):
        raise ValueError("one outcome per trade")
    if not {WIN, SCRATCH, LOSS}.issuperset(outcomes):
        raise ValueError("an outcome is +1, 0 or -1")
    return tuple(outcomes)
