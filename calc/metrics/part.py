"""A few figures about each part of a set of trades: a day, an hour, a product."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Self

from calc.metrics.record import mean, ratio


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Some of the trades; USD, fractions of 1. Rates and averages are None where there is none."""

    trade_count: int
    win_count: int
    loss_count: int
    pnl: Decimal
    win_rate: float | None
    average_pnl: Decimal | None

    @classmethod
    def of(cls, *, trades: int, wins: int, losses: int, pnl: Decimal, **more: Any) -> Self:
        """Return the figures of so many trades, of which so many won and lost.

        pnl   USD, the sum of theirs
        more  what a kind of part has besides
        """
        return cls(
            trade_count=trades,
            win_count=wins,
            loss_count=losses,
            pnl=pnl,
            win_rate=ratio(wins, trades),
            average_pnl=mean(pnl, trades),
            **more,
        )
