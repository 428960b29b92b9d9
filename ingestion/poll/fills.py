"""The fills of a connection: history window by window, then with each poll what is new.

A window is read whole, all its pages, before anything of it is stored. Then one transaction takes
the rows, the rows that did not fit, and the watermark.
"""

from __future__ import annotations

from collections.abc import Callable

import structlog
from django.db import transaction

from ingestion.actions import Source, Stored, keep_raw, quarantine, store_fills
from ingestion.models import Feed, Stream
from ingestion.poll import schedule, windows
from ingestion.poll.prepare import learn, prepare
from ingestion.poll.reading import Crowded, Read, read_window
from ingestion.poll.retrying import retried
from ingestion.poll.watch import Watch
from ingestion.providers.base import Provider, StampFull

log = structlog.get_logger(__name__)


def poll_fills(feed: Feed, provider: Provider, watch: Watch) -> Stored:
    """Bring in what is new, as much as the time allows; the rest stays due."""
    source = Source.of(feed.connection)
    learn(source, provider, None, watch)
    total = Stored()
    while True:
        stored, is_live = _next(feed, provider, source, watch)
        total += stored
        if is_live or watch.is_up:
            break
    if is_live:
        total += _rescan(feed, provider, source, watch)
    return total


def is_behind(feed: Feed) -> bool:
    """Say whether the feed has history or a re-scan left: then it is due again at once."""
    return feed.history_done_at is None or feed.rescan_ns is not None


def history(feed: Feed, watch: Watch) -> windows.History:
    """Return how much of the history is in."""
    start = windows.start_of(feed.connection.history_from)
    return windows.History(start, feed.watermark_ns or start, watch.now_ns())


def _next(feed: Feed, provider: Provider, source: Source, watch: Watch) -> tuple[Stored, bool]:
    """Read and store the next window; return what came, and whether it reached the present."""
    schedule.renew(feed, watch.now())
    mark = feed.watermark_ns
    if mark is None:
        mark = windows.start_of(feed.connection.history_from)
    now_ns = watch.now_ns()
    window = windows.next_window(mark, now_ns, feed.step_seconds)
    try:
        read = _read(feed, provider, window.since_ns, window.until_ns)
    except Crowded:
        # A live window may span days, too, after a long silence.
        _narrow(feed, (window.until_ns - mark) // windows.SECOND)
        return Stored(), False

    def move(row: Feed) -> None:
        newest = read.newest_ns(window.since_ns, window.until_ns)
        row.watermark_ns = windows.moved(row.watermark_ns or mark, window, newest, now_ns)
        if not window.is_live:
            row.step_seconds = windows.next_step(row.step_seconds, read.rows, halved=read.halved)
        elif row.history_done_at is None:
            row.history_done_at = watch.now()
            log.info("history_is_in", feed=str(feed))

    return _store(feed, provider, source, read, watch, move), window.is_live


def _rescan(feed: Feed, provider: Provider, source: Source, watch: Watch) -> Stored:
    """Read the last seven days again, where it is time; what came late or was missed comes in."""
    if feed.rescan_due_at is None:
        feed.rescan_due_at = schedule.next_night(watch.now())
        feed.save(update_fields=["rescan_due_at"])
    if feed.rescan_ns is None and feed.rescan_due_at <= watch.now():
        schedule.start_rescan(feed, watch.now())
    total = Stored()
    while feed.rescan_ns is not None and feed.rescan_until_ns is not None and not watch.is_up:
        schedule.renew(feed, watch.now())
        since = feed.rescan_ns
        last = feed.rescan_until_ns
        until = min(since + max(feed.step_seconds, 3_600) * windows.SECOND, last)
        try:
            read = _read(feed, provider, since, until)
        except Crowded:
            _narrow(feed, (until - since) // windows.SECOND)
            continue

        def move(row: Feed, since: int = since, until: int = until, last: int = last) -> None:
            if row.rescan_ns == since:  # another poller may have got further
                row.rescan_ns = until if until < last else None

        total += _store(feed, provider, source, read, watch, move)
    return total


def _read(feed: Feed, provider: Provider, since_ns: int, until_ns: int) -> Read:
    """Read a window; a stamp that holds the reading up is written down for an operator."""
    try:
        return read_window(provider, since_ns, until_ns, past=feed.passed_ns)
    except StampFull as full:
        Feed.objects.filter(pk=feed.pk).update(stuck_ns=full.stamp_ns)
        raise


def _store(
    feed: Feed,
    provider: Provider,
    source: Source,
    read: Read,
    watch: Watch,
    move: Callable[[Feed], None],
) -> Stored:
    """Store a window whole and move on, in one transaction under the lock of the feed's row."""
    prepare(source, provider, read.fills, watch)
    stored, row = retried(lambda: _store_once(feed, source, read, watch, move))
    for name in _PROGRESS:
        setattr(feed, name, getattr(row, name))
    return stored


@transaction.atomic
def _store_once(
    feed: Feed, source: Source, read: Read, watch: Watch, move: Callable[[Feed], None]
) -> tuple[Stored, Feed]:
    at = watch.now()
    row = Feed.objects.select_for_update().get(pk=feed.pk)
    stored = store_fills(source, read.fills, at=at)
    misfits = (*read.misfits, *stored.rejected)
    quarantine(misfits, stream=Stream.FILLS, at=at, connection_id=feed.connection_id)
    keep_raw(feed.connection_id, read.fills, at=at)
    move(row)
    row.rows_read += read.rows
    row.rows_new += stored.new
    row.save(update_fields=_PROGRESS)
    return stored + Stored(read=len(read.misfits), rejected=tuple(read.misfits)), row


def _narrow(feed: Feed, seconds: int) -> None:
    """Take smaller windows from now on."""
    shorter = max(windows.SHORTEST_STEP_SECONDS, min(feed.step_seconds, seconds) // 4)
    feed.step_seconds = shorter
    feed.save(update_fields=["step_seconds"])


_PROGRESS = [
    "watermark_ns", "step_seconds", "history_done_at", "rescan_ns", "rows_read", "rows_new",
]  # fmt: skip
