"""A trade as it is drawn into a chart of its contract's prices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from accounts.access import Accounts
from common.api import Refusal
from common.cache import cached
from common.clock import NS_PER_DAY, from_ns
from futures.queries import Timeframe
from ledger import queries as ledger
from ledger.closed import unmeasured
from personal.queries.reading import Reading
from personal.queries.trade import fills_of, found, parts_of
from personal.queries.trades import TradeRow, rows_of


class CopiedTrade(Refusal):
    status = 404
    message = "The trade was copied from production without its fills: ask production for its chart"
    code = "copied_trade"


@dataclass(frozen=True, slots=True)
class ChartFill:
    """A fill, or the part of a flip that belongs to the trade."""

    datetime: datetime
    side: int
    price: Decimal
    quantity: int


@dataclass(frozen=True, slots=True)
class Chart:
    """A trade, its fills in order, and which prices to draw beside it.

    timeframe  of the bars: a minute for a trade of less than 24 hours, else a quarter
    """

    trade: TradeRow
    contract: str
    fills: tuple[ChartFill, ...]
    timeframe: Timeframe
    start_date: date
    end_date: date


def chart_data(*, accounts: Accounts, trade_id: UUID) -> Reading[Chart]:
    """Return a closed trade with what a chart of it needs. 6 queries, 3 while its fills are kept.

    The trade itself is never cached: what is written about it shows at once.
    """
    one = found(accounts, trade_id)
    if one.is_copied:
        raise CopiedTrade
    drawn = _fills(accounts=accounts, trade_id=trade_id)
    (row,) = rows_of([one], accounts=accounts)
    chart = Chart(
        trade=row,
        contract=one.contract.name,
        fills=drawn.rows,
        timeframe=_timeframe(one.closed_ns - one.opened_ns),
        start_date=one.opened_at.date(),
        end_date=one.closed_on,
    )
    return Reading(chart, unmeasured([one]), drawn.data_through)


def _timeframe(held_ns: int) -> Timeframe:
    return Timeframe.MINUTE if held_ns < NS_PER_DAY else Timeframe.QUARTER


@cached(ttl="personal.trades.chart-data")
def _fills(*, accounts: Accounts, trade_id: UUID) -> Reading[tuple[ChartFill, ...]]:
    """Return the fills of a trade in the order of the books. 3 queries."""
    one = found(accounts, trade_id)
    fills = fills_of(one)
    parts = parts_of(fills, side=one.side, closed_used=one.closed_used)
    rows = tuple(
        ChartFill(from_ns(fill.executed_ns), fill.side, fill.price, part)
        for fill, part in zip(fills, parts, strict=True)
    )
    return Reading(rows, (), ledger.last_day(accounts=accounts))
