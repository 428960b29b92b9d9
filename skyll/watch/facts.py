"""What the rules and the metrics go by, each read once in a turn, when somebody asks for it."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Count, Exists, Max, Min, OuterRef, Q
from django_celery_beat.models import PeriodicTask

from accounts.models import Letter
from ingestion.models import Connection, Feed, Instrument, MissingRate, QuarantinedRow, RawFill
from ledger.models import (
    CandlesDue,
    Fill,
    MendedSums,
    Position,
    ReconciledDay,
    ReconcileDue,
    Verdict,
)
from ledger.models.fills import State
from ledger.reconciliation import open_runs
from skyll import broker

PROBLEMS = (Verdict.UNVERIFIABLE, Verdict.MISMATCH, Verdict.SKIPPED)
RECENTLY = timedelta(hours=1)
_CONNECTIONS = """
SELECT count(*), current_setting('max_connections')::int FROM pg_stat_activity
WHERE backend_type = 'client backend'"""


class Heap(NamedTuple):
    """How many of something wait, since when the first of them does, and how many are new."""

    size: int
    since: datetime | None
    new: int = 0


class Facts:
    """How everything stands at one moment."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    @cached_property
    def feeds(self) -> list[Feed]:
        """The feeds of active connections. 1 query."""
        feeds = Feed.objects.filter(connection__is_active=True).select_related("connection")
        return list(feeds.order_by("connection__name", "stream"))

    @cached_property
    def connections(self) -> list[Connection]:
        """Active connections that have feeds, by name; from the feeds."""
        return list({feed.connection_id: feed.connection for feed in self.feeds}.values())

    @cached_property
    def quarantine(self) -> dict[tuple[str, str], Heap]:
        """Open rows by connection ("" for files) and stream; new: in the last hour. 1 query."""
        rows = (
            QuarantinedRow.objects.filter(resolved_at=None)
            .values_list("connection__name", "stream")
            .annotate(
                size=Count("id"),
                since=Min("first_seen_at"),
                new=Count("id", filter=Q(first_seen_at__gt=self.at - RECENTLY)),
            )
        )
        return {(name or "", stream): Heap(*heap) for name, stream, *heap in rows}

    @cached_property
    def waiting_fills(self) -> Heap:
        """Fills that cannot be used yet, by the small index of those. 1 query."""
        waiting = Fill.objects.filter(state=State.WAITING)
        found = waiting.aggregate(count=Count("*"), since=Min("stored_at"))
        return Heap(found["count"], found["since"])

    @cached_property
    def unpriced(self) -> list[str]:
        """Contracts whose fills wait for a point value, or instruments without a name. 1 query."""
        waits = Fill.objects.filter(state=State.WAITING, instrument_id=OuterRef("external_id"))
        rows = Instrument.objects.filter(Exists(waits), state=Instrument.State.UNPRICED)
        names = rows.values_list("contract__name", "external_id").order_by("id")
        return [name or external for name, external in names[:50]]

    @cached_property
    def missing_rates(self) -> list[tuple[str, int]]:
        """Currencies whose rate was asked for in vain for about a day, and of how many days."""
        asked = MissingRate.objects.filter(
            tries__gte=7, next_try_at__gt=self.at - timedelta(days=1)
        )
        return list(asked.values_list("currency").annotate(days=Count("id")).order_by("currency"))

    @cached_property
    def from_the_future(self) -> dict[str, datetime]:
        """By connection, the newest receive stamp that lies ahead of our clock. 1 query."""
        ahead = RawFill.objects.filter(received_at__gt=self.at + timedelta(seconds=60))
        return dict(ahead.values_list("connection__name").annotate(newest=Max("received_at")))

    @cached_property
    def problems(self) -> dict[tuple[str, str], tuple[int, Any]]:
        """Days that are not as they should be, by group and state: how many, the first. 1 query."""
        rows = (
            ReconciledDay.objects.filter(state__in=PROBLEMS)
            .values_list("account__trader__group__name", "state")
            .annotate(size=Count("*"), first=Min("day"))
        )
        return {(group, state): (count, first) for group, state, count, first in rows}

    @cached_property
    def long_runs(self) -> list[tuple[str, int, datetime]]:
        """Groups with positions held for days that are no spread: how many, since when. 2 queries.

        As the group's page of reconciliation shows them; live accounts of who is not archived.
        """
        held = Position.objects.exclude(quantity=0).filter(
            account__is_sim=False,
            account__trader__is_archived=False,
            account__trader__group__is_archived=False,
        )
        group_of = dict(held.values_list("account_id", "account__trader__group__name"))
        found: dict[str, list[datetime]] = defaultdict(list)
        for run in open_runs(account_ids=list(group_of), today=self.at.date()):
            if not run.is_spread:
                found[group_of[run.account_id]].append(run.opened_at)
        return [(group, len(since), min(since)) for group, since in sorted(found.items())]

    @cached_property
    def candles_due(self) -> Heap:
        """Days whose candles are due; new: put off, for they could not be made. 1 query."""
        ahead = Q(marked_at__gt=self.at + timedelta(seconds=60))
        due = CandlesDue.objects.aggregate(
            count=Count("id"), since=Min("marked_at"), put_off=Count("id", filter=ahead)
        )
        return Heap(due["count"], due["since"], due["put_off"])

    @cached_property
    def states_due(self) -> Heap:
        """Days that are due for reconciling. 1 query."""
        due = ReconcileDue.objects.aggregate(count=Count("id"), since=Min("marked_at"))
        return Heap(due["count"], due["since"])

    @cached_property
    def mended_sums(self) -> list[tuple[str, str, datetime]]:
        """Groups whose sums last night's check mended, which, and when. 1 query."""
        rows = MendedSums.objects.values_list("group__name", "kind", "at")
        return list(rows.order_by("group__name", "kind"))

    @cached_property
    def letters(self) -> Heap:
        """Mails that wait. 1 query."""
        owed = Letter.objects.filter(done_at=None)
        found = owed.aggregate(count=Count("id"), since=Min("created_at"))
        return Heap(found["count"], found["since"])

    @cached_property
    def beat_at(self) -> datetime | None:
        """When beat noted last that it sent a tick; None before the first. 1 query."""
        told = PeriodicTask.objects.filter(name="tick", enabled=True)
        at: datetime | None = told.values_list("last_run_at", flat=True).first()
        return at

    @cached_property
    def database_connections(self) -> tuple[int, int]:
        """How many there are, and how many there may be. 1 query."""
        with connection.cursor() as cursor:
            cursor.execute(_CONNECTIONS)
            used, most = cursor.fetchone()
        return used, most

    @cached_property
    def feeds_due(self) -> int:
        """Feeds whose turn has come and that nobody has; from the feeds."""
        return sum(
            feed.due_at <= self.at and (not feed.claimed_until or feed.claimed_until < self.at)
            for feed in self.feeds
        )

    @cached_property
    def queues(self) -> dict[str, int] | None:
        """Messages by queue, those in hand not counted; None without the broker."""
        return broker.depths()
