"""How the feeds of each connection stand: what an operator looks at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max, Q

from common.clock import to_ns
from ingestion.models import Connection, Feed, Instrument, QuarantinedRow, Stream
from ingestion.poll.windows import History, start_of

LATE = timedelta(minutes=15)
MOST_REASONS = 20  # of one connection, or of one group


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
class Reason:
    """Why rows cannot be used, how many, and when the last of them came (None: not told)."""

    reason: str
    count: int
    last_seen_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ConnectionState:
    """One connection: its feeds, and how much of it waits for an operator.

    quarantine  the most frequent reasons; quarantined counts the rows of all of them
    """

    name: str
    platform: str
    environment: str
    is_active: bool
    alarm: str
    alarm_at: datetime | None
    feeds: tuple[FeedState, ...]
    quarantined: int
    quarantine: tuple[Reason, ...]
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


def connection_states(*, now: datetime, group_id: int | None = None) -> tuple[ConnectionState, ...]:
    """Return how each connection stands, or each of one group, by name. 4 queries."""
    connections = Connection.objects.filter(Q() if group_id is None else Q(group=group_id))
    put_aside = _put_aside(group_id)
    unsettled = {
        (platform, environment): count
        for platform, environment, count in Instrument.objects.exclude(state=Instrument.State.KNOWN)
        .values_list("platform_id", "environment")
        .annotate(Count("id"))
    }
    return tuple(
        ConnectionState(
            name=connection.name,
            platform=connection.platform.code,
            environment=connection.environment,
            is_active=connection.is_active,
            alarm=connection.alarm,
            alarm_at=connection.alarm_at,
            feeds=_feeds(connection, now),
            quarantined=sum(one.count for one in put_aside.get(connection.pk, ())),
            quarantine=tuple(put_aside.get(connection.pk, ())[:MOST_REASONS]),
            open_instruments=unsettled.get((connection.platform_id, connection.environment), 0),
        )
        for connection in connections.order_by("name")
        .select_related("platform")
        .prefetch_related("feeds")
    )


def _put_aside(group_id: int | None) -> dict[int, list[Reason]]:
    """Return why rows of each connection lie in quarantine, the most frequent reason first."""
    rows = QuarantinedRow.objects.filter(resolved_at=None).exclude(connection=None)
    if group_id is not None:
        rows = rows.filter(connection__group=group_id)
    told = rows.values_list("connection_id", "reason").annotate(
        rows=Count("id"), last=Max("last_seen_at")
    )
    found: dict[int, list[Reason]] = {}
    for pk, reason, count, last in told.order_by("-rows", "reason"):
        if pk is not None:
            found.setdefault(pk, []).append(Reason(reason, count, last))
    return found


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
