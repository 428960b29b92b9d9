"""What an operator must look at. Each rule says what is wrong now, and no more than that.

A sentence names connections, groups, contracts and counts; never money, a trader, or words of a
provider: it leaves the house by mail.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

from common import store
from common.clock import from_ns
from ingestion.models import Feed, Stream
from ingestion.queries.feeds import LATE
from ledger.models import MendedSums
from skyll.watch.facts import Facts, Heap

SPENT = "requests of this key are used up"  # how the provider's bucket says so
OTHERS_LATE = timedelta(hours=1)
WAITS_LONG = timedelta(hours=1)
MANY_NEW = 100
DUE_LONG = timedelta(minutes=15)
RESCAN_LATE = timedelta(hours=6)
HISTORY_LONG = timedelta(days=1)
BEAT_SILENT = timedelta(minutes=10)  # it notes its turns every three minutes
DEEP = 300
MOST_CONNECTIONS = 0.85
LEAST_DISK = 1024**3  # bytes


class Seen(NamedTuple):
    """That something is wrong now: with what, and a sentence."""

    subject: str
    sentence: str


Look = Callable[[Facts], Iterable[Seen]]


class Rule(NamedTuple):
    """kind: its name. do: the line of the runbook. look: who or what is concerned now."""

    kind: str
    do: str
    look: Look


RULES: list[Rule] = []


def rule(do: str) -> Callable[[Look], Look]:
    """Make a function a rule of its name."""

    def keep(look: Look) -> Look:
        RULES.append(Rule(look.__name__, do, look))
        return look

    return keep


# -- the provider ------------------------------------------------------------------------------
@rule("Mend the key in TT Setup or the admin and save the connection; it is tried once an hour.")
def provider_refused(facts: Facts) -> Iterator[Seen]:
    for one in facts.connections:
        if one.alarm:
            yield Seen(
                one.name, f"The provider refuses the key of {one.name}{_since(one.alarm_at)}"
            )


@rule("Polling goes on at 00:00 UTC. A larger plan or longer poll seconds spare requests.")
def budget_spent(facts: Facts) -> Iterator[Seen]:
    spent = {
        feed.connection.name: feed.due_at
        for feed in facts.feeds
        if feed.due_at > facts.at and SPENT in feed.last_error
    }
    for name, until in spent.items():
        yield Seen(name, f"The day's requests of {name} are used up until {until:%H:%M} UTC")


@rule("See the feed's last error under Feeds in the admin; then worker, queue and the provider.")
def poll_late(facts: Facts) -> Iterator[Seen]:
    for feed in facts.feeds:
        last = feed.last_ok_at or feed.connection.created_at
        if feed.connection.alarm or SPENT in feed.last_error:
            continue  # told by its own alarm
        if facts.at - last > _patience(feed) and feed.due_at < facts.at + OTHERS_LATE:
            named = f"{feed.connection.name} {feed.stream}"
            yield Seen(named, f"{named} was last read well at {_minute(last)}")


def _patience(feed: Feed) -> timedelta:
    if feed.stream == Stream.FILLS:
        return max(LATE, 3 * timedelta(seconds=feed.connection.poll_seconds))
    return OTHERS_LATE


@rule("Compare the server's clock with another one (NTP); if it is right, ask the provider.")
def clock_skew(facts: Facts) -> Iterator[Seen]:
    for name, newest in facts.from_the_future.items():
        ahead = round((newest - facts.at).total_seconds())
        yield Seen(name, f"{name} told of a fill {ahead} seconds ahead of our clock")


@rule("See its watermark under Feeds: if it moves, wait; if not, see the feed's last error.")
def history_stuck(facts: Facts) -> Iterator[Seen]:
    for feed in facts.feeds:
        since, name = feed.connection.created_at, feed.connection.name
        if feed.stream != Stream.FILLS or feed.history_done_at:
            continue
        if facts.at - since > HISTORY_LONG:
            yield Seen(name, f"The history of {name} is not in since {_minute(since)}")


@rule("See that beat sends rescan_nightly and that fills are polled; it catches up by itself.")
def rescan_overdue(facts: Facts) -> Iterator[Seen]:
    for feed in facts.feeds:
        if feed.stream != Stream.FILLS or not feed.history_done_at:
            continue
        due, until_ns = feed.rescan_due_at, feed.rescan_until_ns
        if feed.rescan_ns is not None and until_ns is not None:
            due = from_ns(until_ns)  # it began then
        if due is not None and facts.at - due > RESCAN_LATE:
            name = feed.connection.name
            yield Seen(name, f"The re-scan of {name} was due at {_minute(due)} and is not done")


# -- rows that cannot be used ------------------------------------------------------------------
@rule("Read the reasons under quarantined rows; mend them and try again, or mark as dealt with.")
def quarantine(facts: Facts) -> Iterator[Seen]:
    for (name, stream), heap in facts.quarantine.items():
        named = f"{name or 'files'} {stream}"
        yield Seen(named, f"Rows of {named} are in quarantine{_since(heap.since)}: {heap.size}")


@rule("The provider has changed something: compare a row with docs/flow.md; report it.")
def quarantine_grows(facts: Facts) -> Iterator[Seen]:
    for (name, stream), heap in facts.quarantine.items():
        if heap.new >= MANY_NEW:
            named = f"{name or 'files'} {stream}"
            yield Seen(named, f"{heap.new} rows of {named} came into quarantine within an hour")


@rule("See instruments that are unknown or refused: add the product, or ask the provider again.")
def fills_waiting(facts: Facts) -> Iterator[Seen]:
    heap = facts.waiting_fills
    if heap.since is not None and facts.at - heap.since > WAITS_LONG:
        yield Seen("", f"Fills that cannot be used wait{_since(heap.since)}: {heap.size}")


@rule("Enter the point value of the contract in the admin; its fills are used at once.")
def unpriced(facts: Facts) -> Iterator[Seen]:
    if names := sorted(facts.unpriced):
        more = " and others" if len(names) > 5 else ""
        yield Seen("", f"Fills wait for a point value of {', '.join(names[:5])}{more}")


@rule("Bring the rates in with `manage.py import_fx`, or enter them in the admin.")
def rate_missing(facts: Facts) -> Iterator[Seen]:
    for currency, days in facts.missing_rates:
        yield Seen(currency, f"The provider does not tell the rate of {currency} for {days} days")


# -- the books ---------------------------------------------------------------------------------
@rule("Must never be: run `manage.py rebuild_ledger --account ID` and report it.")
def skipped(facts: Facts) -> Iterator[Seen]:
    yield from _problems(facts, "skipped", "a usable fill is in no trade")


@rule("See the group's page of reconciliation; compare the account with the provider's books.")
def mismatch(facts: Facts) -> Iterator[Seen]:
    yield from _problems(facts, "mismatch", "the provider or the second feed says otherwise")


def _problems(facts: Facts, wanted: str, what: str) -> Iterator[Seen]:
    for (group, state), (count, first) in sorted(facts.problems.items()):
        if state == wanted:
            yield Seen(group, f"{group}: {what}, days concerned: {count}, the first {first}")


@rule("Ask the trader whether it is meant; if not, a fill is missing: compare with the provider.")
def open_long(facts: Facts) -> Iterator[Seen]:
    for group, count, opened_at in facts.long_runs:
        since = _since(opened_at)
        yield Seen(
            group, f"{group}: positions are open over days and are no spread{since}: {count}"
        )


@rule("See the worker's log for candles_unmakeable; then `manage.py rebuild_candles`.")
def candles_due(facts: Facts) -> Iterator[Seen]:
    heap = facts.candles_due
    if heap.new:
        yield Seen("", f"Day candles could not be made and are tried again, marks: {heap.new}")
    elif _is_due_long(facts, heap):
        yield Seen("", f"Day candles are due{_since(heap.since)}, marks: {heap.size}")


@rule("See the worker's log; then `manage.py reconcile`.")
def states_due(facts: Facts) -> Iterator[Seen]:
    heap = facts.states_due
    if _is_due_long(facts, heap):
        yield Seen("", f"Days are due for reconciling{_since(heap.since)}, marks: {heap.size}")


@rule("Readings were wrong until then and are right again: report it, with the minute of the log.")
def sums_mended(facts: Facts) -> Iterator[Seen]:
    for group, kind, at in facts.mended_sums:
        named = f"{group} {MendedSums.Kind(kind).label}"
        yield Seen(named, f"The sums of {named} were others than its trades, until {_minute(at)}")


def _is_due_long(facts: Facts, heap: Heap) -> bool:
    """While a history comes in, much is due; that it does not end is an alarm of its own."""
    fills = [feed for feed in facts.feeds if feed.stream == Stream.FILLS]
    if heap.since is None or not all(feed.history_done_at for feed in fills):
        return False
    return facts.at - heap.since > DUE_LONG


# -- the house ---------------------------------------------------------------------------------
@rule("Start beat again; exactly one must run. What it missed is made up for.")
def beat_silent(facts: Facts) -> Iterator[Seen]:
    if facts.beat_at is not None and facts.at - facts.beat_at > BEAT_SILENT:
        yield Seen("", f"Beat has sent nothing since {_minute(facts.beat_at)}")


@rule("See that workers run and what holds them up (`celery inspect active`); start more of them.")
def queue_deep(facts: Facts) -> Iterator[Seen]:
    for name, depth in (facts.queues or {}).items():
        if depth >= DEEP:
            yield Seen(name, f"The queue {name} holds {depth} messages that no worker takes")


@rule("See to Redis. The API answers on, slower; polls go on by `manage.py poll` until it is back.")
def redis_down(facts: Facts) -> Iterator[Seen]:
    if facts.queues is None:
        yield Seen("broker", "The broker (Redis) does not answer")
    try:
        store.ask(lambda client: client.ping())
    except store.Down:
        yield Seen("cache", "The cache (Redis) does not answer")


@rule("See pg_stat_activity; have fewer web threads or a larger max_connections.")
def connections_full(facts: Facts) -> Iterator[Seen]:
    used, most = facts.database_connections
    if used > MOST_CONNECTIONS * most:
        yield Seen("", f"PostgreSQL has {used} connections of {most}")


@rule("See the mail server and EMAIL_URL; Letters in the admin tell the last failure.")
def letters_waiting(facts: Facts) -> Iterator[Seen]:
    heap = facts.letters
    if heap.since is not None and facts.at - heap.since > WAITS_LONG:
        yield Seen("", f"Mails wait to be sent{_since(heap.since)}: {heap.size}")


@rule("Make room: old logs and backups first, then a larger disk.")
def disk_full(facts: Facts) -> Iterator[Seen]:
    place = next(one for one in (settings.LOCAL_DIR, *settings.LOCAL_DIR.parents) if one.exists())
    if (free := shutil.disk_usage(place).free) < LEAST_DISK:
        yield Seen("", f"The worker's disk has {free // 1024**2} MB left")


@rule("Run the backup by hand and see why the nightly one did not.")
def backup_old(facts: Facts) -> Iterator[Seen]:
    if not settings.BACKUP_MARK:
        return
    mark = Path(settings.BACKUP_MARK)
    if not mark.exists():
        yield Seen("", "No backup has left its mark")
        return
    made = datetime.fromtimestamp(mark.stat().st_mtime, facts.at.tzinfo)
    if facts.at - made > timedelta(hours=settings.BACKUP_HOURS):
        yield Seen("", f"The newest backup is of {_minute(made)}")


# Told by the watch itself.
OWN = {
    "rule_broken": "A rule of the watch fails, with its trace in the log: report it.",
    "database_down": "See to PostgreSQL. Nothing is lost: polls go on when it is back.",
}
RUNBOOK: dict[str, str] = {one.kind: one.do for one in RULES} | OWN


def _since(at: datetime | None) -> str:
    return f" since {_minute(at)}" if at else ""


def _minute(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
