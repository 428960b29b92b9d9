"""Sums over single trades, made by the database; calc turns them into metrics."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from calc.distribution import Bin, bins, edges
from calc.metrics import LOSS, WIN, Tally, longest_run
from common.fields import MONEY_PLACES, from_scaled, to_scaled
from ledger.arrays import array
from ledger.models import Trade, TradeVersion
from ledger.picked import Picked

CLOSING_ORDER = ("closed_ns", "closed_received_ns", "closed_exec_id", "closed_leg_index", "id")
NANO_PLACES = 9

_SUMS = f"""
count(*), count(*) FILTER (WHERE outcome = {WIN}), count(*) FILTER (WHERE outcome = {LOSS}),
coalesce(sum(pnl_usd), 0), coalesce(sum(pnl_usd) FILTER (WHERE outcome = {WIN}), 0),
coalesce(sum(pnl_usd) FILTER (WHERE outcome = {LOSS}), 0)"""
# Squares pass 64 bits.
_WHOLE = """
SELECT {short}, coalesce(sum(pnl_usd) FILTER (WHERE pnl_usd > 0), 0),
    coalesce(sum(pnl_usd) FILTER (WHERE pnl_usd < 0), 0),
    max(pnl_usd) FILTER (WHERE pnl_usd > 0), min(pnl_usd) FILTER (WHERE pnl_usd < 0),
    coalesce(sum(pnl_usd::numeric * pnl_usd), 0), coalesce(sum(closed_ns - opened_ns), 0),
    percentile_cont(0.5) WITHIN GROUP (ORDER BY closed_ns - opened_ns),
    coalesce(array_agg(outcome ORDER BY {order}), ARRAY[]::smallint[])
FROM t"""
_SHORT = "SELECT {short} FROM t"
_SIZES = """
SELECT width_bucket(pnl_usd, %s::bigint[]), sum(pnl_usd), count(*) FROM t GROUP BY 1"""
_COUNTS = ("trade_count", "win_count", "loss_count")
_MONEY = ("pnl", "won", "lost", "profit", "loss", "largest_win", "largest_loss")

Trades = Picked | QuerySet[Trade] | QuerySet[TradeVersion]


def short_tally(trades: Trades) -> Tally:
    """Return what wins against losses need. 1 query."""
    ((*row,),) = _picked(trades).ask(_SHORT.format(short=_SUMS))
    return Tally(**_told(row))


def whole_tally(trades: Trades) -> Tally:
    """Return what the whole metric table needs. 1 query."""
    ((*row, squares, hold, median, outcomes),) = _picked(trades).ask(
        _WHOLE.format(short=_SUMS, order=", ".join(CLOSING_ORDER))
    )
    return Tally(
        **_told(row),
        squares=from_scaled(squares, 2 * MONEY_PLACES),
        win_run=longest_run(outcomes, WIN),
        loss_run=longest_run(outcomes, LOSS),
        hold_seconds=from_scaled(hold, NANO_PLACES),
        median_hold_seconds=None if median is None else from_scaled(Decimal(median), NANO_PLACES),
    )


def sizes(trades: Trades) -> tuple[Bin, ...]:
    """Return how many trades came in which size. 2 queries, 1 without trades."""
    these = _picked(trades)
    ((lowest, highest),) = these.ask("SELECT min(pnl_usd), max(pnl_usd) FROM t")
    if lowest is None:
        return ()
    cuts = edges(lowest=usd(lowest), highest=usd(highest))
    rows = these.ask(_SIZES, array(to_scaled(cut, MONEY_PLACES) for cut in cuts))
    return bins(cuts, {number - 1: (usd(pnl), count) for number, pnl, count in rows})


def usd(micros: Decimal | int) -> Decimal:
    """Return money as it stands in the books, millionths of a USD, in USD."""
    return from_scaled(micros, MONEY_PLACES)


def _picked(trades: Trades) -> Picked:
    return trades if isinstance(trades, Picked) else Picked.of(trades)


def _told(row: list[Any]) -> dict[str, Any]:
    """Return the counts and then the money of a tally by their names."""
    counts, money = row[: len(_COUNTS)], row[len(_COUNTS) :]
    return {
        **dict(zip(_COUNTS, counts, strict=True)),
        **{
            name: None if micros is None else usd(micros)
            for name, micros in zip(_MONEY, money, strict=False)
        },
    }
