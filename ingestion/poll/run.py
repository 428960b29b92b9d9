"""One poll: everything that is due, in the order in which one thing needs another."""

from __future__ import annotations

import time
from collections.abc import Collection
from datetime import datetime

import structlog
from django.db import InterfaceError, OperationalError
from django.db import connection as database

from common.metrics import POLLS
from ingestion.actions import settle_waiting
from ingestion.models import Feed, Stream
from ingestion.poll import schedule
from ingestion.poll.accounts import poll_accounts
from ingestion.poll.bars import next_minute, poll_bars
from ingestion.poll.fills import history, is_behind, poll_fills
from ingestion.poll.positions import poll_positions
from ingestion.poll.rates import poll_rates
from ingestion.poll.report import Outcome, Report
from ingestion.poll.watch import Watch
from ingestion.poll.wire import Opener, held, open_provider
from ingestion.providers.base import ProviderError
from ledger import candles

log = structlog.get_logger(__name__)

BUDGET_SECONDS = 20.0
DATABASE_BACK_SECONDS = 60.0


def due(
    now: datetime,
    *,
    budget_seconds: float = BUDGET_SECONDS,
    among: Collection[int] | None = None,
    ignore_due: bool = False,
    open_with: Opener | None = None,
) -> Report:
    """Do everything that is due now: accounts, fills and what they name, rates, bars; candles.

    Each feed gets one turn of at most `budget_seconds`; history that does not fit in stays due. Two
    at once share the work: a feed that another has taken is left to it. What all of it changes in
    candles is made at the end, whoever marked it.

    among       only these feeds
    ignore_due  also feeds that are not due yet
    """
    report = _turns(
        now, budget_seconds=budget_seconds, among=among, ignore_due=ignore_due, open_with=open_with
    )
    try:
        candles.keep(at=now)
    except (OperationalError, InterfaceError) as error:
        log.warning("candles_left", error=str(error))  # they stay due
    return report


def _turns(
    now: datetime,
    *,
    budget_seconds: float,
    among: Collection[int] | None,
    ignore_due: bool = False,
    open_with: Opener | None,
) -> Report:
    report = Report()
    left = set(among) if among is not None else set(Feed.objects.values_list("id", flat=True))
    watch = Watch(now, budget_seconds=float("inf"))
    while left:
        feed = schedule.claim(watch.now(), among=left, ignore_due=ignore_due)
        if feed is None:
            break
        left.discard(feed.pk)
        turn, begun = Watch(watch.now(), budget_seconds=budget_seconds), time.monotonic()
        outcome = _turn(feed, turn, open_with or open_provider)
        POLLS.add(time.monotonic() - begun, feed.stream, "failed" if outcome.error else "ok")
        report.outcomes.append(outcome)
    return report


def one(
    feed_id: int,
    now: datetime,
    *,
    budget_seconds: float = BUDGET_SECONDS,
    open_with: Opener | None = None,
) -> Outcome | None:
    """Give one feed its turn, if it is due and free; None otherwise. Candles wait for theirs."""
    outcomes = _turns(
        now, budget_seconds=budget_seconds, among=[feed_id], open_with=open_with
    ).outcomes
    return outcomes[0] if outcomes else None


def _turn(feed: Feed, watch: Watch, open_with: Opener) -> Outcome:
    """Poll a feed and write down how it went; one feed's failure stops no other."""
    try:
        return _poll(feed, watch, open_with)
    except ProviderError as error:
        sentence = _let_go(feed, error, watch)
    except Exception as error:
        log.exception("poll_broke", feed=str(feed))
        sentence = _let_go(feed, error, watch)
    percent = history(feed, watch).percent if feed.stream == Stream.FILLS else None
    return Outcome(feed.pk, feed.connection.name, feed.stream, percent=percent, error=sentence)


def _let_go(feed: Feed, error: Exception, watch: Watch) -> str:
    """Write down why the feed failed; where the database itself went away, once it is back.

    Otherwise a restart of the database would leave the feed taken until its lease ends.
    """
    attempts, end = feed.attempts, time.monotonic() + DATABASE_BACK_SECONDS
    while True:
        try:
            return schedule.failed(feed, error, watch.now())
        except (OperationalError, InterfaceError):
            if database.in_atomic_block or time.monotonic() > end:
                raise
        database.close()  # the next statement opens a new one
        feed.attempts = attempts
        time.sleep(0.5)


def _poll(feed: Feed, watch: Watch, open_with: Opener) -> Outcome:
    provider = held(open_with(feed.connection), lambda: schedule.renew(feed, watch.now()))
    again: datetime | None = None
    figures: dict[str, int | None] = {}
    if feed.stream == Stream.ACCOUNTS:
        read, new, misfits = poll_accounts(feed, provider, watch)
        figures = {"read": read, "new": new, "quarantined": misfits}
    elif feed.stream == Stream.FILLS:
        stored = poll_fills(feed, provider, watch)
        again = watch.now() if is_behind(feed) else None
        figures = {
            "read": stored.read, "new": stored.new, "duplicate": stored.duplicate,
            "waiting": stored.waiting, "quarantined": len(stored.rejected),
            "percent": 100 if feed.history_done_at else min(99, history(feed, watch).percent),
        }  # fmt: skip
    elif feed.stream == Stream.FX:
        came = poll_rates(provider, watch)
        settle_waiting(at=watch.now())
        figures = {"read": came, "new": came}
    elif feed.stream == Stream.BARS:
        bars = poll_bars(feed, provider, watch)
        again = next_minute(watch.now()) if bars.is_whole else watch.now()
        figures = {"read": bars.read, "new": bars.new, "quarantined": bars.misfits}
    elif feed.stream == Stream.POSITIONS:
        told, left_out = poll_positions(feed, provider, watch)
        figures = {"read": told, "waiting": left_out}
    else:
        raise ProviderError(f"nothing polls the stream {feed.stream} yet: delete this feed")
    schedule.succeeded(feed, watch.now(), again_at=again)
    log.debug("polled", feed=str(feed), **figures)
    return Outcome(feed.pk, feed.connection.name, feed.stream, **figures)  # type: ignore[arg-type]
