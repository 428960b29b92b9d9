"""Rows 6 and 8: what a group of 200 made in a year, by time and around events; all cold."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from bench import books, group
from bench.frame import Line, Stand, Target, at_least, at_most, row

EVENTS, MINUTES = 500, 60  # of a year's calendar, and around each of them
_CLOSED = "t.account_id = ANY(%(accounts)s) AND t.closed_on BETWEEN %(start)s AND %(end)s"
BY_TIME = f"""
SELECT t.closed_on, t.product_id, sum(t.pnl_usd)::bigint, count(*) FROM ledger_trade t
WHERE {_CLOSED} AND t.pnl_usd IS NOT NULL GROUP BY 1, 2"""
# Each event against every trade: the sums keep indexes out, of accounts and of time.
AROUND = """
SELECT e.at, t.product_id, sum(t.pnl_usd)::bigint, count(*) FROM futures_calendarevent e
JOIN ledger_trade t ON t.closed_ns + 0
    BETWEEN extract(epoch FROM e.at)::bigint * 1000000000 - %(around)s
    AND extract(epoch FROM e.at)::bigint * 1000000000 + %(around)s
WHERE t.account_id + 0 = ANY(%(accounts)s) AND t.pnl_usd IS NOT NULL GROUP BY 1, 2"""


@row("6", "performance-by-time of a group of 200, a year, cold")
def by_time(stand: Stand) -> Iterator[Line]:
    desk = _desk(stand, group.TRADES)
    stand.say("taking the group into the sums by day, as beat does")
    group.count_in()
    ours = _by_time(desk)
    told = [
        (day.date, one.product_id, one.pnl, one.trade_count)
        for day in ours().rows
        for one in day.products
    ]
    _same(told, [(*row[:2], _usd(row[2]), row[3]) for row in _sql(BY_TIME, desk)])
    _same(told, _by_pandas(desk))
    what = f"by time, {desk.trades:,} trades"
    fast, slow = stand.side_by_side(ours=ours, reference=lambda: _sql(BY_TIME, desk), ours_each=3)
    yield _line(f"{what}: SQL over trades / ours", fast, slow, at_least(5))
    fast, slow = stand.side_by_side(ours=ours, reference=lambda: _by_pandas(desk), ours_each=3)
    yield _line(f"{what}: ORM and pandas / ours", fast, slow, at_least(20))
    more = _desk(stand, 10 * group.TRADES)
    group.count_in()
    large, small = stand.side_by_side(ours=_by_time(more), reference=ours)
    yield Line(
        "by time at ten times the trades / at one", _ms(large), _ms(small), large / small,
        at_most(2),
    )  # fmt: skip


@row("8", "calendar-events of a group of 200, a year, cold")
def calendar_events(stand: Stand) -> Iterator[Line]:
    books.open_books()
    group.forget()  # other groups' trades lie in the same stretches of time
    desk = _desk(stand, group.TRADES)
    from comparative.queries import calendar_events as ours_of
    from futures.models import CalendarEvent
    from futures.queries import Kinds, Window

    step = timedelta(days=7 * group.WEEKS) / EVENTS
    start = datetime(group.FIRST.year, group.FIRST.month, group.FIRST.day, tzinfo=UTC)
    CalendarEvent.objects.all().delete()
    CalendarEvent.objects.bulk_create(
        CalendarEvent(name=f"event {n}", event_type="cpi", country="US", importance="high", at=at)
        for n in range(EVENTS)
        for at in [(start + n * step).replace(microsecond=0)]
    )

    def ours() -> Any:
        return ours_of.__wrapped__(
            **_asked(desk), through=group.LAST, kinds=Kinds(), window=Window(MINUTES, MINUTES),
            version="",
        )  # fmt: skip

    given = {"accounts": list(desk.account_ids), "around": MINUTES * 60 * 10**9}
    told = [
        (one.event.at, each.product_id, each.pnl, each.trade_count)
        for one in ours().rows
        for each in one.products
    ]
    stand.say("the naive join, once: it takes a while")
    begun = time.perf_counter()
    rows = _ask(AROUND, given)
    slow = time.perf_counter() - begun
    _same(told, [(*row[:2], _usd(row[2]), row[3]) for row in rows])
    fast = stand.alone("ours", ours)
    yield _line(
        f"{EVENTS} events, {desk.trades:,} trades: naive join / ours", fast, slow, at_least(300)
    )


def _by_time(desk: group.Desk) -> Callable[[], Any]:
    from comparative.queries import performance_by_time

    return lambda: performance_by_time.__wrapped__(**_asked(desk))


def _by_pandas(desk: group.Desk) -> list[tuple[Any, ...]]:
    """Answer as one would with the usual stack: rows by the ORM, sums by pandas."""
    import pandas as pd

    from ledger.models import Trade

    rows = Trade.objects.filter(
        account__in=desk.account_ids,
        closed_on__range=(group.FIRST, group.LAST),
        pnl_usd__isnull=False,
    )
    frame = pd.DataFrame(rows.values("closed_on", "product_id", "pnl_usd"))
    sums = frame.groupby(["closed_on", "product_id"])["pnl_usd"].agg(["sum", "count"])
    return [(*key, pnl, trades) for key, pnl, trades in sums.itertuples()]


def _asked(desk: group.Desk) -> dict[str, Any]:
    """Return what every query of a group takes; nothing is hidden, as by default."""
    from accounts.access import Accounts
    from common.api import Period
    from comparative.cohort import EVERYBODY

    return {
        "accounts": Accounts(desk.account_ids, ""),
        "period": Period(group.FIRST, group.LAST),
        "cohort": EVERYBODY,
    }


def _sql(statement: str, desk: group.Desk) -> list[tuple[Any, ...]]:
    accounts = list(desk.account_ids)
    return _ask(statement, {"accounts": accounts, "start": group.FIRST, "end": group.LAST})


def _ask(statement: str, given: dict[str, Any]) -> list[tuple[Any, ...]]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _usd(micros: int) -> Decimal:
    from common.fields import MONEY_PLACES, from_scaled

    return from_scaled(micros, MONEY_PLACES)


def _same(ours: list[tuple[Any, ...]], theirs: list[tuple[Any, ...]]) -> None:
    if sorted(ours) != sorted(theirs) or not ours:
        raise AssertionError("the endpoint's query and the reference disagree")


def _desk(stand: Stand, trades: int, *, tagged: bool = False) -> group.Desk:
    books.open_books()
    number = stand.count(trades)
    stand.say(f"making {number:,} trades")
    return group.trade_for_a_year(number, tagged=tagged)


def _line(what: str, ours: float, theirs: float, target: Target) -> Line:
    return Line(what, _ms(ours), _ms(theirs), theirs / ours, target, ours)


def _ms(seconds: float) -> str:
    return f"{seconds * 1e3:,.1f} ms"
