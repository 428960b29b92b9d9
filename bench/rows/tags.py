"""Row 7: what a group of 200 made in a year, by tag, cold."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from bench import group
from bench.frame import Line, Stand, at_least, row
from bench.rows.group import SIZE

BY_TAG = """
SELECT x.tag_id, sum(t.pnl_usd)::bigint, count(*) FROM journal_tradetag x
JOIN ledger_trade t ON t.account_id = x.account_id AND t.id = x.trade_id
WHERE t.account_id = ANY(%(accounts)s) AND t.closed_on BETWEEN %(start)s AND %(end)s
    AND t.pnl_usd IS NOT NULL GROUP BY 1"""


@row("7", "performance-by-tag of a group of 200, a year, cold", size=SIZE, year=True)
def by_tag(stand: Stand) -> Iterator[Line]:
    desk = group.year(stand)
    from accounts.access import Accounts
    from common.api import Period
    from comparative.cohort import EVERYBODY
    from comparative.queries import performance_by_tag
    from journal.queries.tags import tags_of

    module: Any = __import__(performance_by_tag.__module__, fromlist=["_atoms"])
    accounts, period = Accounts(desk.account_ids, ""), Period(group.FIRST, group.LAST)
    tags = tags_of(None)

    def ours() -> Any:
        kept, module._atoms = module._atoms, module._atoms.__wrapped__  # without what keeps it
        try:
            return performance_by_tag(
                accounts=accounts, period=period, cohort=EVERYBODY, tags=tags, version=0
            )
        finally:
            module._atoms = kept

    told = [(tag.id, tag.pnl, tag.trade_count) for one in ours().rows for tag in one.children]
    plain = {tag: (_usd(pnl), trades) for tag, pnl, trades in _joined(desk)}
    if told != [(tag, *plain.get(tag, (Decimal(0), 0))) for tag, *_ in told] or not plain:
        raise AssertionError("the endpoint's query and the reference disagree")
    fast, slow = stand.side_by_side(ours=ours, reference=lambda: _joined(desk), ours_each=3)
    what = f"by tag, {desk.trades:,} trades: SQL join / ours"
    yield Line(what, _ms(fast), _ms(slow), slow / fast, at_least(8), fast)


def _joined(desk: group.Desk) -> list[tuple[Any, ...]]:
    from django.db import connection

    given = {"accounts": list(desk.account_ids), "start": group.FIRST, "end": group.LAST}
    with connection.cursor() as cursor:
        cursor.execute(BY_TAG, given)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _usd(micros: int) -> Decimal:
    from common.fields import MONEY_PLACES, from_scaled

    return from_scaled(micros, MONEY_PLACES)


def _ms(seconds: float) -> str:
    return f"{seconds * 1e3:,.1f} ms"
