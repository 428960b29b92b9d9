"""Sums over single trades, made by the database; calc turns them into metrics."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    Aggregate,
    BigIntegerField,
    Count,
    DecimalField,
    F,
    FloatField,
    Func,
    IntegerField,
    Max,
    Min,
    Q,
    QuerySet,
    Sum,
    Value,
)
from django.db.models.functions import Cast

from calc.distribution import Bin, bins, edges
from calc.metrics import LOSS, WIN, Tally, longest_run
from common.fields import MONEY_PLACES, from_scaled, to_scaled
from ledger.models import Trade, TradeVersion

CLOSING_ORDER = ("closed_ns", "closed_received_ns", "closed_exec_id", "closed_leg_index", "id")
NANO_PLACES = 9
ZERO = Decimal(0)

_WON, _LOST = Q(outcome=WIN), Q(outcome=LOSS)
_ABOVE, _BELOW = Q(pnl_usd__gt=0), Q(pnl_usd__lt=0)
_MICROS = Cast("pnl_usd", DecimalField(max_digits=40, decimal_places=0))  # squares pass 64 bits
_HELD = F("closed_ns") - F("opened_ns")


class Median(Aggregate):
    """The middle value, or the mean of the two in the middle."""

    function = "percentile_cont"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()


_SHORT: dict[str, Any] = {
    "trade_count": Count("id"),
    "win_count": Count("id", filter=_WON),
    "loss_count": Count("id", filter=_LOST),
    "pnl": Sum("pnl_usd", default=ZERO),
    "won": Sum("pnl_usd", filter=_WON, default=ZERO),
    "lost": Sum("pnl_usd", filter=_LOST, default=ZERO),
}
_WHOLE: dict[str, Any] = {
    **_SHORT,
    "profit": Sum("pnl_usd", filter=_ABOVE, default=ZERO),
    "loss": Sum("pnl_usd", filter=_BELOW, default=ZERO),
    "largest_win": Max("pnl_usd", filter=_ABOVE),
    "largest_loss": Min("pnl_usd", filter=_BELOW),
    "squares": Sum(_MICROS * _MICROS, default=ZERO),
    "hold": Sum(_HELD, default=0),
    "median": Median(_HELD),
    "outcomes": ArrayAgg("outcome", order_by=CLOSING_ORDER, default=Value([])),
}


def short_tally(trades: QuerySet[Trade]) -> Tally:
    """Return what wins against losses need. 1 query."""
    return Tally(**trades.aggregate(**_SHORT))


def whole_tally(trades: QuerySet[Trade] | QuerySet[TradeVersion]) -> Tally:
    """Return what the whole metric table needs. 1 query."""
    sums = trades.aggregate(**_WHOLE)
    squares, hold, median = sums.pop("squares"), sums.pop("hold"), sums.pop("median")
    outcomes = sums.pop("outcomes")
    return Tally(
        **sums,
        squares=from_scaled(squares, 2 * MONEY_PLACES),
        win_run=longest_run(outcomes, WIN),
        loss_run=longest_run(outcomes, LOSS),
        hold_seconds=from_scaled(hold, NANO_PLACES),
        median_hold_seconds=None if median is None else from_scaled(Decimal(median), NANO_PLACES),
    )


def sizes(trades: QuerySet[Trade]) -> tuple[Bin, ...]:
    """Return how many trades came in which size. 2 queries, 1 without trades."""
    span = trades.aggregate(lowest=Min("pnl_usd"), highest=Max("pnl_usd"))
    if span["lowest"] is None:
        return ()
    cuts = edges(**span)
    micros = [to_scaled(cut, MONEY_PLACES) for cut in cuts]
    place = Func(
        F("pnl_usd"),
        Value(micros, ArrayField(BigIntegerField())),
        function="width_bucket",
        output_field=IntegerField(),
    )
    placed = trades.annotate(place=place).values_list("place")
    rows = placed.annotate(Sum("pnl_usd"), Count("id")).order_by()
    return bins(cuts, {number - 1: (pnl, count) for number, pnl, count in rows})
