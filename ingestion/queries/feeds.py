"""How the feeds of each connection stand: what an operator looks at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count

from common.clock import to_ns
from ingestion.models import Connection, Feed, Instrument, QuarantinedRow, Stream
from ingestion.poll.windows import History, start_of

LATE = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class FeedState:
    """One feed: `lag_seconds` since its last success, `percent` of its history (fills only)."""

    stream: str
    due_at: datetime
    last_ok_at: datetime | None
    lag_seconds: float | None
    percent: int | None
    attempts: int
    last_error: str
    rows_read: int
    rows_new: int


@dataclass(frozen=True, slots=True)
class ConnectionState:
    """One connection: its feeds, and how much of it waits for an operator."""

    name: str
    is_active: bool
    alarm: str
    feeds: tuple[FeedState, ...]
    quarantined: int
    open_instruments: int


@dataclass(frozen=True, slots=True)
class PollAge:
    """Seconds since the fills were last read well, at the connection that waits longest."""

    seconds: int
    is_late: bool


def poll_age(*, now: datetime) -> PollAge | None:
    """Return how old the last polls of the fills are; None where nothing is polled. 1 query.

    Late is what a failing feed's longest wait does not explain.
    """
    feeds = Feed.objects.filter(stream=Stream.FILLS, connection__is_active=True)
    ages = [
        PollAge(
            seconds=max(0, int((now - (last or made)).total_seconds())),
            is_late=now - (last or made) > max(LATE, 3 * timedelta(seconds=period)),
        )
        for last, made, period in feeds.values_list(
            "last_ok_at", "connection__created_at", "connection__poll_seconds"
        )
    ]
    return max(ages, key=lambda age: (age.is_late, age.seconds), default=None)


def connection_states(*, now: datetime) -> tuple[ConnectionState, ...]:
    """Return how each connection stands, by name. 4 queries."""
    quarantined = dict(
        QuarantinedRow.objects.filter(resolved_at=None)
        .values_list("connection_id")
        .annotate(Count("id"))
    )
    unsettled = {
        (platform, environment): count
        for platform, environment, count in Instrument.objects.exclude(state=Instrument.State.KNOWN)
        .values_list("platform_id", "environment")
        .annotate(Count("id"))
    }
    return tuple(
        ConnectionState(
            name=connection.name,
            is_active=connection.is_active,
            alarm=connection.alarm,
            feeds=_feeds(connection, now),
            quarantined=quarantined.get(connection.pk, 0),
            open_instruments=unsettled.get((connection.platform_id, connection.environment), 0),
        )
        for connection in Connection.objects.order_by("name").prefetch_related("feeds")
    )


def history_percent(*, now: datetime) -> int | None:
    """Return how much of the active connections' history is in; None without any. 4 queries."""
    told = [
        feed.percent
        for connection in connection_states(now=now)
        if connection.is_active
        for feed in connection.feeds
        if feed.percent is not None
    ]
    return sum(told) // len(told) if told else None


def _feeds(connection: Connection, now: datetime) -> tuple[FeedState, ...]:
    order = list(Stream.values)
    feeds = sorted(connection.feeds.all(), key=lambda feed: order.index(feed.stream))
    start = start_of(connection.history_from)
    states = []
    for feed in feeds:
        percent: int | None = None
        if feed.stream == Stream.FILLS:
            history = History(start, feed.watermark_ns or start, to_ns(now))
            percent = 100 if feed.history_done_at else min(99, history.percent)
        lag = (now - feed.last_ok_at).total_seconds() if feed.last_ok_at else None
        states.append(
            FeedState(
                stream=feed.stream,
                due_at=feed.due_at,
                last_ok_at=feed.last_ok_at,
                lag_seconds=lag,
                percent=percent,
                attempts=feed.attempts,
                last_error=feed.last_error,
                rows_read=feed.rows_read,
                rows_new=feed.rows_new,
            )
        )
    return tuple(states)
