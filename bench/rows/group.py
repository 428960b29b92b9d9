"""Rows 6 and 8: what a group of 200 made in a year, by time and around events; all cold."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from bench import group
from bench.frame import Line, Size, Stand, Target, at_least, at_most, row

EVENTS, MINUTES = 500, 60  # of a year's calendar, and around each of them
JOINED = 50  # of these events the naive join is asked for where all would take a quarter of an hour
SIZE = "900,000 trades, tagged"
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
WHERE e.id = ANY(%(events)s) AND t.account_id + 0 = ANY(%(accounts)s)
    AND t.pnl_usd IS NOT NULL GROUP BY 1, 2"""


@row("6", "performance-by-time of a group of 200, a year, cold", size=SIZE, year=True)
def by_time(stand: Stand) -> Iterator[Line]:
    desk = group.year(stand)
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
    if stand.is_largest:
        return
    more = group.trade_for_a_year(10 * desk.trades, tell=stand.say)
    group.count_in()
    large, small = stand.side_by_side(ours=_by_time(more), reference=ours)
    yield Line(
        "by time at ten times the trades / at one", _ms(large), _ms(small), large / small,
        at_most(2),
    )  # fmt: skip


@row("8", "calendar-events of a group of 200, a year, cold", size=SIZE, year=True)
def calendar_events(stand: Stand) -> Iterator[Line]:
    desk = group.year(stand)
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

    told = [
        (one.event.at, each.product_id, each.pnl, each.trade_count)
        for one in ours().rows
        for each in one.products
    ]
    events = list(CalendarEvent.objects.order_by("at").values_list("id", "at"))
    if stand.size is Size.TEN:
        rows, slow = _joined_in_part(desk, events, stand)
        how = f"naive join (by {JOINED} of them)"
    else:
        stand.say("the naive join, once: it takes a while")
        rows, slow = _joined(desk, events)
        how = "naive join"
    asked = {row[0] for row in rows}
    _same(
        [row for row in told if row[0] in asked],
        [(*row[:2], _usd(row[2]), row[3]) for row in rows],
    )
    fast = stand.alone("ours", ours)
    yield _line(f"{EVENTS} events, {desk.trades:,} trades: {how} / ours", fast, slow, at_least(300))


Events = list[tuple[int, datetime]]


def _joined(desk: group.Desk, events: Events) -> tuple[list[tuple[Any, ...]], float]:
    given = {
        "accounts": list(desk.account_ids), "around": MINUTES * 60 * 10**9,
        "events": [number for number, _ in events],
    }  # fmt: skip
    begun = time.perf_counter()
    return _ask(AROUND, given), time.perf_counter() - begun


def _joined_in_part(
    desk: group.Desk, events: Events, stand: Stand
) -> tuple[list[tuple[Any, ...]], float]:
    """Return what a few of the events found, and what all would take.

    Every trade is read once and held against each event: the seconds are a line over the number of
    events, of which two points are taken.
    """
    few = events[:: len(events) // JOINED]
    stand.say("the naive join of five events")
    _, least = _joined(desk, few[:: len(few) // 5][:5])
    stand.say(f"the naive join of {len(few)} events: it takes a while")
    rows, more = _joined(desk, few)
    each = (more - least) / (len(few) - 5)
    return rows, more + each * (len(events) - len(few))


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


def _line(what: str, ours: float, theirs: float, target: Target) -> Line:
    return Line(what, _ms(ours), _ms(theirs), theirs / ours, target, ours)


def _ms(seconds: float) -> str:
    return f"{seconds * 1e3:,.1f} ms"
