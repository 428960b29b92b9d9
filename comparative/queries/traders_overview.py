"""The coach's table: a line for each trader of the group."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db import connection
from django.db.models import Max, OuterRef, Subquery
from django.db.models.functions import Coalesce

from accounts.access import Accounts
from calc import metrics
from calc.metrics import Brief, Score
from common.api import Period
from common.cache import cached
from common.clock import from_ns
from comparative.cohort import EVERYBODY
from comparative.queries.reading import Reading, reading
from comparative.queries.records import records
from ledger.arrays import array
from ledger.models import Trade
from ledger.queries import of_products, on_days
from traders.models import PlatformAccount, Trader

ZERO = Decimal(0)
_DAYS = """
SELECT a.trader_id, sum(d.pnl_usd) * 0.000001
FROM ledger_dayresult d JOIN trader_platforms a ON a.id = d.account_id
WHERE d.account_id = ANY(%(accounts)s::bigint[]) AND d.day BETWEEN %(start)s AND %(end)s
    AND d.trade_count > 0
    AND (%(products)s::bigint[] IS NULL OR d.product_id = ANY(%(products)s::bigint[]))
GROUP BY a.trader_id, d.day ORDER BY a.trader_id, d.day"""
NO_RECORD = metrics.brief_of(Score(0, 0, ZERO, ZERO, ZERO))


@dataclass(frozen=True, slots=True)
class TraderLine:
    """One trader's results in the period; last_trade_at: when the last trade of it closed."""

    id: int
    name: str
    opt_out: bool
    pnl: Decimal
    trade_count: int
    win_rate: float | None
    profit_factor: float | None
    expectancy: Decimal | None
    max_drawdown: Decimal
    last_trade_at: datetime | None


@dataclass(frozen=True, slots=True)
class Results:
    """What the books say of one trader."""

    trader_id: int
    brief: Brief
    max_drawdown: Decimal
    last_trade_at: datetime | None


NO_RESULTS = Results(0, NO_RECORD, ZERO, None)


def traders_overview(
    *, group_id: int, accounts: Accounts, period: Period, products: tuple[int, ...] = ()
) -> Reading[tuple[TraderLine, ...]]:
    """Return every active trader of the group by pnl, without trades too. 1 query, 5 cold.

    Who belongs to the group, and who has opted out, is read anew each time.
    """
    found = _results(accounts=accounts, period=period, products=products)
    by_trader = {results.trader_id: results for results in found.rows}
    people = Trader.objects.filter(group_id=group_id, is_archived=False)
    lines = [
        _line(by_trader.get(trader, NO_RESULTS), trader, name, opt_out)
        for trader, name, opt_out in people.values_list(
            "id", "name", Coalesce("user__opt_out", "opt_out")
        )
    ]
    lines.sort(key=lambda line: (-line.pnl, line.name, line.id))
    shown = (by_trader.get(line.id, NO_RESULTS).brief for line in lines)
    notes = sorted({note for brief in shown for note in brief.notes})
    return Reading(tuple(lines), (*found.notes, *notes))


@cached(ttl="traders.overview")
def _results(
    *, accounts: Accounts, period: Period, products: tuple[int, ...]
) -> Reading[tuple[Results, ...]]:
    """Return the results of each trader with a closed trade. 4 queries."""
    falls = _drawdowns(accounts, period, products)
    last = _last_trades(accounts, period, products)
    rows = {
        record.trader_id: metrics.brief_of(record.score)
        for record in records(accounts=accounts, period=period, products=products)
    }
    return reading(
        tuple(
            Results(trader, rows.get(trader, NO_RECORD), falls.get(trader, ZERO), from_ns(closed))
            for trader, closed in last.items()
        ),
        accounts=accounts,
        period=period,
        cohort=EVERYBODY,
        products=products,
    )


def _drawdowns(accounts: Accounts, period: Period, products: tuple[int, ...]) -> dict[int, Decimal]:
    """Return the deepest fall of each trader's daily results. 1 query."""
    given: dict[str, Any] = {
        "accounts": array(accounts.ids),
        "start": period.start,
        "end": period.end,
        "products": array(products) if products else None,
    }
    with connection.cursor() as cursor:
        cursor.execute(_DAYS, given)
        days = cursor.fetchall()
    return {
        trader: metrics.max_drawdown([pnl for _, pnl in rows])
        for trader, rows in groupby(days, key=itemgetter(0))
    }


def _last_trades(accounts: Accounts, period: Period, products: tuple[int, ...]) -> dict[int, int]:
    """Return when each trader's last trade closed, ns since 1970; held ones count. 1 query."""
    closed = (
        Trade.objects.filter(on_days("closed_on", period), of_products(products))
        .filter(account=OuterRef("pk"))
        .order_by("-closed_on", "-closed_ns")
        .values("closed_ns")[:1]
    )
    found = (
        PlatformAccount.objects.filter(id__in=accounts.ids)
        .annotate(closed_ns=Subquery(closed))
        .values_list("trader_id")
        .annotate(last=Max("closed_ns"))
        .exclude(last=None)
    )
    return dict(found)


def _line(results: Results, trader: int, name: str, opt_out: bool) -> TraderLine:
    brief = results.brief
    return TraderLine(
        id=trader,
        name=name,
        opt_out=opt_out,
        pnl=brief.pnl,
        trade_count=brief.trade_count,
        win_rate=brief.win_rate,
        profit_factor=brief.profit_factor,
        expectancy=brief.expectancy,
        max_drawdown=results.max_drawdown,
        last_trade_at=results.last_trade_at,
    )
