"""The schedule in the database: what is due, who has taken it, when it is due again."""

from __future__ import annotations

import random
from collections.abc import Collection
from datetime import datetime, time, timedelta

import structlog
from django.db import transaction
from django.db.models import Case, F, IntegerField, Q, QuerySet, Value, When

from common.clock import to_ns
from ingestion.models import Connection, Feed, Stream
from ingestion.poll.windows import DAY, RESCAN
from ingestion.providers.base import (
    BudgetSpent,
    ProviderDown,
    ProviderError,
    Unauthorized,
    Unsupported,
)

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=90)  # renewed while the provider is asked
HINT_AGAIN = timedelta(seconds=30)  # a hint that nobody took is given again
NIGHT = time(2, 15)
PERIODS = {
    Stream.ACCOUNTS: timedelta(minutes=10),
    Stream.FX: timedelta(minutes=10),
    Stream.BARS: timedelta(minutes=1),
    Stream.POSITIONS: timedelta(minutes=15),
}
FIRST_WAIT, LEAST_LONGEST_WAIT, LONGEST_WAIT = 5.0, 60.0, 900.0  # at most two turns are missed
_RANK = Case(
    *(When(stream=stream, then=Value(n)) for n, stream in enumerate(Stream)),
    output_field=IntegerField(),
)


def claim(
    now: datetime, *, among: Collection[int] | None = None, ignore_due: bool = False
) -> Feed | None:
    """Take the next feed that is due and that nobody has; None when there is none.

    The lease ends by itself: a worker that died holds nothing up for long. Should two hold one
    feed after all, nothing is lost or doubled, for rows are stored once and watermarks only rise.
    """
    with transaction.atomic():
        free = _free(now, ignore_due=ignore_due)
        if among is not None:
            free = free.filter(id__in=among)
        feed = (
            free.select_related("connection__platform", "connection__group")
            .select_for_update(skip_locked=True, of=("self",), no_key=True)
            .order_by(_RANK, "due_at")
            .first()
        )
        if feed is not None:
            feed.claimed_until = now + LEASE
            feed.save(update_fields=["claimed_until"])
        return feed


def renew(feed: Feed, now: datetime) -> None:
    """Hold the feed for longer."""
    feed.claimed_until = now + LEASE
    feed.save(update_fields=["claimed_until"])


def succeeded(feed: Feed, now: datetime, *, again_at: datetime | None = None) -> None:
    """Let go of the feed until its next turn, and take back any alarm of its connection."""
    feed.attempts, feed.last_error = 0, ""
    feed.last_ok_at = now
    feed.claimed_until = None
    feed.due_at = again_at or now + period_of(feed)
    feed.save(update_fields=["attempts", "last_error", "last_ok_at", "claimed_until", "due_at"])
    if feed.stream in (Stream.ACCOUNTS, Stream.FILLS):  # the others may not have asked at all
        Connection.objects.filter(pk=feed.connection_id).exclude(alarm="").update(
            alarm="", alarm_at=None
        )


def failed(feed: Feed, error: Exception, now: datetime) -> str:
    """Write down why the feed failed and when to try again; return the sentence."""
    known = isinstance(error, ProviderError)
    sentence = str(error) if known else f"{type(error).__name__}: {error}"
    sentence = sentence.replace("\x00", "\\u0000")[:2_000]
    feed.attempts += 1
    feed.last_error = sentence
    feed.claimed_until = None
    longest = max(LEAST_LONGEST_WAIT, 2 * period_of(feed).total_seconds())
    feed.due_at = now + _wait_after(error, feed.attempts, now, min(LONGEST_WAIT, longest))
    feed.save(update_fields=["attempts", "last_error", "claimed_until", "due_at"])
    if isinstance(error, Unauthorized | BudgetSpent):  # no other feed of this key gets further
        feed.connection.feeds.filter(due_at__lt=feed.due_at).update(due_at=feed.due_at)
    if isinstance(error, Unauthorized):
        log.error("provider_alarm", connection=feed.connection.name, reason=sentence)
        Connection.objects.filter(pk=feed.connection_id).update(alarm=sentence, alarm_at=now)
    else:
        log.warning("poll_failed", feed=str(feed), attempts=feed.attempts, reason=sentence)
    return sentence


def period_of(feed: Feed) -> timedelta:
    """Return the time between two turns of a feed."""
    own = timedelta(seconds=feed.connection.poll_seconds)
    return PERIODS.get(Stream(feed.stream), own)


def hints(now: datetime) -> list[int]:
    """Return the feeds of which a worker should be told now, and note that it was told."""
    with transaction.atomic():
        untold = (
            Q(hinted_at=None) | Q(hinted_at__lt=F("due_at")) | Q(hinted_at__lt=now - HINT_AGAIN)
        )
        feeds = list(
            _free(now, ignore_due=False)
            .filter(untold)
            .select_for_update(skip_locked=True, of=("self",), no_key=True)
            .order_by(_RANK, "due_at")
            .values_list("id", flat=True)
        )
        Feed.objects.filter(id__in=feeds).update(hinted_at=now)
    return feeds


def history_waits(now: datetime) -> bool:
    """Say whether fills of the past are due and nobody is free to take them. 1 query."""
    free = _free(now, ignore_due=False)
    return free.filter(stream=Stream.FILLS, history_done_at=None).exists()


def start_rescan(feed: Feed, now: datetime) -> None:
    """Let the fills of the last seven days be read again, beside the live ones.

    After a longer silence it begins a day before the last one ended: what came late at that time
    was never looked for.
    """
    before = feed.rescan_until_ns or to_ns(feed.history_done_at or now)
    feed.rescan_ns = min(to_ns(now) - RESCAN, before - DAY)
    feed.rescan_until_ns = to_ns(now)
    feed.rescan_due_at = next_night(now)
    feed.save(update_fields=["rescan_ns", "rescan_until_ns", "rescan_due_at"])


def next_night(now: datetime) -> datetime:
    """Return the next moment for a re-scan."""
    tonight = datetime.combine(now.date(), NIGHT, tzinfo=now.tzinfo)
    return tonight if tonight > now else tonight + timedelta(days=1)


def _free(now: datetime, *, ignore_due: bool) -> QuerySet[Feed]:
    free = Feed.objects.filter(connection__is_active=True).filter(
        Q(claimed_until=None)
        | Q(claimed_until__lt=now)
        | Q(claimed_until__gt=now + 2 * LEASE)  # given by a clock that ran ahead
    )
    return free if ignore_due else free.filter(due_at__lte=now)


def _wait_after(error: Exception, attempts: int, now: datetime, longest: float) -> timedelta:
    if isinstance(error, BudgetSpent):
        return max(error.resumes_at - now, timedelta(0)) + timedelta(seconds=_jitter(60))
    if isinstance(error, Unauthorized):
        return timedelta(hours=1)
    if isinstance(error, Unsupported):
        return timedelta(days=1)
    wait = _jitter(min(longest, FIRST_WAIT * 2.0 ** min(attempts - 1, 16)))
    if isinstance(error, ProviderDown) and error.retry_after is not None:
        wait += error.retry_after
    return timedelta(seconds=wait)


def _jitter(seconds: float) -> float:
    return random.uniform(seconds / 2, seconds)  # noqa: S311  no secret
