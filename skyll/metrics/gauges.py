"""How everything stands, left in the fast store by the watch: whoever scrapes waits for nobody."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from typing import Any, NamedTuple

import structlog
from django.conf import settings
from django.db import connection, transaction

from audit.models import Alarm
from common import store
from ingestion.models import Stream
from skyll.watch.facts import PROBLEMS, Facts
from skyll.watch.rules import RUNBOOK

log = structlog.get_logger(__name__)

KEPT_SECONDS = 7 * 86_400
MEASURE_SECONDS = 30  # longest time of one count of a large table
Value = tuple[str, tuple[str, ...], float]  # name, labels' values, value

# name -> about, labels
GAUGES: dict[str, tuple[str, tuple[str, ...]]] = {
    "skyll_poll_lag_seconds": ("Since a feed was last read well", ("connection", "stream")),
    "skyll_feed_attempts": ("Failures since the last success", ("connection", "stream")),
    "skyll_feeds_due": ("Feeds whose turn has come and that nobody has taken", ()),
    "skyll_history_open": ("1 while a connection's history is not in", ("connection",)),
    "skyll_quarantined_rows": ("Rows in quarantine", ("connection", "stream")),
    "skyll_fills_waiting": ("Fills that cannot be used yet", ()),
    "skyll_problem_days": ("Days of accounts in contracts that are not right", ("state",)),
    "skyll_open_long": ("Positions open for days that are no spread", ()),
    "skyll_candles_due": ("Marks of days whose candles are due", ()),
    "skyll_states_due": ("Marks of days that are due for reconciling", ()),
    "skyll_letters_waiting": ("Mails that wait to be sent", ()),
    "skyll_alarms_open": ("Open alarms", ("kind",)),
    "skyll_database_connections": ("Connections of PostgreSQL", ()),
    "skyll_database_connections_most": ("How many it allows", ()),
    "skyll_fills": ("Fills in the books, counted every five minutes", ("state",)),
    "skyll_days": ("Reconciled days, counted every five minutes", ("state",)),
    "skyll_queue_depth": ("Messages that wait, by queue", ("queue",)),
    "skyll_watch_timestamp_seconds": ("When the watch looked last", ()),
    "skyll_store_up": ("1 while the fast store answers; without it there is nothing else", ()),
}
# Rows that a feed has read: numbers that only rise, kept in the database.
ROWS = {
    "skyll_feed_rows_read": ("Rows read of a provider", ("connection", "stream")),
    "skyll_feed_rows_new": ("Rows that were new", ("connection", "stream")),
}


class Kept(NamedTuple):
    """What was left in the store: when, the values, and when each feed was last read well."""

    at: float
    values: list[Value]
    read_at: list[tuple[str, str, float]]


def leave(facts: Facts) -> None:
    """Leave how everything stands; it never fails, and does nothing where nobody may read it."""
    if not settings.METRICS_TOKEN:
        return
    try:
        feeds = [
            (feed.connection.name, feed.stream, feed.last_ok_at.timestamp())
            for feed in facts.feeds
            if feed.last_ok_at
        ]
        _keep("now", Kept(facts.at.timestamp(), list(_values(facts)), feeds))
    except store.Down:
        pass
    except Exception:
        log.exception("metrics_not_left")


def measure(at: datetime) -> None:
    """Count what takes long to count, and leave that."""
    if not settings.METRICS_TOKEN:
        return
    values: list[Value] = []
    for name, table in (("skyll_fills", "ledger_fill"), ("skyll_days", "ledger_reconciledday")):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = '{MEASURE_SECONDS}s'")
            cursor.execute(f"SELECT state, count(*) FROM {table} GROUP BY 1")  # noqa: S608
            values += [(name, (state,), count) for state, count in cursor.fetchall()]
    with suppress(store.Down):
        _keep("measured", Kept(at.timestamp(), values, []))


def kept() -> list[Kept | None]:
    """Return what `leave` and `measure` left last. store.Down without the store."""
    keys = [store.key("metrics", part) for part in ("now", "measured")]
    return [_read(raw) for raw in store.ask(lambda redis: redis.mget(keys))]


def _keep(part: str, what: Kept) -> None:
    raw = json.dumps(what)
    store.ask(lambda redis: redis.set(store.key("metrics", part), raw, ex=KEPT_SECONDS))


def _read(raw: Any) -> Kept | None:
    try:
        at, values, read_at = json.loads(raw)
        return Kept(
            at,
            [(name, tuple(labels), value) for name, labels, value in values],
            [(name, stream, seconds) for name, stream, seconds in read_at],
        )
    except (TypeError, ValueError):  # none, or of another release
        return None


def _values(facts: Facts) -> Iterator[Value]:
    """Yield what can be read; what cannot is missing, and stops nothing else."""
    yield "skyll_watch_timestamp_seconds", (), facts.at.timestamp()
    for source in SOURCES:
        try:
            yield from list(source(facts))
        except Exception as error:
            log.warning("metric_broken", metric=source.__name__, error=type(error).__name__)


def _feeds(facts: Facts) -> Iterator[Value]:
    yield "skyll_feeds_due", (), facts.feeds_due
    for feed in facts.feeds:
        who = feed.connection.name, feed.stream
        yield "skyll_feed_attempts", who, feed.attempts
        yield "skyll_feed_rows_read", who, feed.rows_read
        yield "skyll_feed_rows_new", who, feed.rows_new
        if feed.stream == Stream.FILLS:
            yield "skyll_history_open", who[:1], float(not feed.history_done_at)


def _quarantine(facts: Facts) -> Iterator[Value]:
    found = {key: heap.size for key, heap in facts.quarantine.items()}
    polled = {(feed.connection.name, feed.stream): 0 for feed in facts.feeds}
    for (name, stream), size in (polled | found).items():
        yield "skyll_quarantined_rows", (name or "files", stream), size


def _waiting(facts: Facts) -> Iterator[Value]:
    yield "skyll_fills_waiting", (), facts.waiting_fills.size
    yield "skyll_candles_due", (), facts.candles_due.size
    yield "skyll_states_due", (), facts.states_due.size
    yield "skyll_letters_waiting", (), facts.letters.size


def _books(facts: Facts) -> Iterator[Value]:
    problems: Counter[str] = Counter(dict.fromkeys(PROBLEMS, 0))
    for (_, state), (count, _) in facts.problems.items():
        problems[state] += count
    for state, count in problems.items():
        yield "skyll_problem_days", (state,), count
    yield "skyll_open_long", (), sum(count for _, count, _ in facts.long_runs)


def _alarms(facts: Facts) -> Iterator[Value]:
    found = Counter(Alarm.objects.filter(ended_at=None).values_list("kind", flat=True))
    for kind in RUNBOOK:  # 0 too, so that a curve begins before it rises
        yield "skyll_alarms_open", (kind,), found[kind]


def _database(facts: Facts) -> Iterator[Value]:
    used, most = facts.database_connections
    yield "skyll_database_connections", (), used
    yield "skyll_database_connections_most", (), most


SOURCES: tuple[Callable[[Facts], Iterator[Value]], ...] = (
    _feeds, _quarantine, _waiting, _books, _alarms, _database,
)  # fmt: skip
