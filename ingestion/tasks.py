"""Doors for the workers. What is due stands in the database: a lost message does no harm."""

from __future__ import annotations

from celery import shared_task
from django.db import transaction

from common import clock, locks
from ingestion import actions, poll
from ingestion.models import Feed, Stream

HINT_LASTS = 60  # seconds; the next tick gives it again


@shared_task(ignore_result=True)
def tick(**_: object) -> None:
    """Tell the workers which feeds are due. Two at once: the second does nothing."""
    with transaction.atomic():
        if not locks.try_hold("ingestion", "tick"):
            return
        feeds = poll.hints(clock.now())
    for feed_id in feeds:
        poll_feed.apply_async(kwargs={"feed_id": feed_id}, expires=HINT_LASTS)


@shared_task(ignore_result=True)
def poll_feed(*, feed_id: int, **_: object) -> None:
    """Give a feed its turn if it is due and nobody has it. Safe to run twice.

    Failures are written to the feed with the time of the next try: Celery repeats nothing.
    """
    poll.one(feed_id, clock.now())


@shared_task(ignore_result=True)
def rescan_nightly(**_: object) -> None:
    """Let the last seven days be read again where this night's turn is due. Safe to run twice."""
    now = clock.now()
    due = Feed.objects.filter(
        stream=Stream.FILLS, history_done_at__isnull=False, rescan_ns=None, rescan_due_at__lte=now
    )
    for feed in due:
        poll.start_rescan(feed, now)
    actions.settle_waiting(at=now)


@shared_task(ignore_result=True)
def prune_nightly(**_: object) -> None:
    """Sweep out raw rows and settled quarantine that are too old. Safe to run twice."""
    actions.prune(at=clock.now())
