"""Events of the calendar, and the values that they can be chosen by."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import starmap
from typing import Any

from django.db.models import Q, QuerySet

from common.api import Period
from common.cache import cached
from common.clock import to_ns
from common.prepared import prepared
from futures.kinds import AREAS, EVENT_TYPES, IMPORTANCES
from futures.models import CalendarEdition, CalendarEvent

NS_PER_MINUTE = 60_000_000_000


@dataclass(frozen=True, slots=True)
class Kinds:
    """Which events are asked for; () is all."""

    event_types: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    importances: tuple[str, ...] = ()

    @property
    def condition(self) -> Q:
        wanted = {
            "event_type__in": self.event_types,
            "country__in": self.countries,
            "importance__in": self.importances,
        }
        return Q(**{name: values for name, values in wanted.items() if values})


ALL_KINDS = Kinds()


@dataclass(frozen=True, slots=True)
class Window:
    """Minutes before and after an event, both ends included to the nanosecond."""

    before: int
    after: int

    def around(self, at: datetime) -> tuple[int, int]:
        """Return its first and its last nanosecond since 1970."""
        middle = to_ns(at)
        return middle - self.before * NS_PER_MINUTE, middle + self.after * NS_PER_MINUTE


@dataclass(frozen=True, slots=True)
class Event:
    """One release or decision; figures as their source prints them, None = not told."""

    id: int
    name: str
    event_type: str
    country: str
    importance: str
    at: datetime
    actual: str | None
    forecast: str | None
    previous: str | None


@dataclass(frozen=True, slots=True)
class Choices:
    """The values that occur in a period, whatever else was chosen."""

    event_type: tuple[str, ...] = ()
    country: tuple[str, ...] = ()
    importance: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Calendar:
    """Events by time, and what a front end may offer as filters."""

    events: tuple[Event, ...]
    filters: Choices


def calendar_version() -> str:
    """Return a word that changes with any edit of the calendar, whoever makes it. 1 query."""
    rows = _edition()
    return str(rows[0][0] if rows else 0)


@prepared
def _edition() -> QuerySet[CalendarEdition, Any]:
    return CalendarEdition.objects.order_by("pk").values_list("number")[:1]


@cached(ttl="calendar-events")
def calendar_events(*, period: Period, kinds: Kinds, version: str) -> Calendar:
    """Return the events of the period's UTC days by time. 1 query, 2 for some kinds.

    version    of calendar_version(): part of the cache key
    """
    events = events_of(period, kinds)
    if kinds == ALL_KINDS:
        return Calendar(events, _choices([(e.event_type, e.country, e.importance) for e in events]))
    values = _within(period).values_list("event_type", "country", "importance").distinct()
    return Calendar(events, _choices(values))


def events_of(period: Period, kinds: Kinds) -> tuple[Event, ...]:
    """Return the events of the period's UTC days by time. 1 query."""
    start, end = period.instants
    if kinds == ALL_KINDS:
        return tuple(starmap(Event, _events(start=start, end=end)))
    return tuple(starmap(Event, _columns(_within(period).filter(kinds.condition))))


@prepared
def _events(*, start: datetime, end: datetime) -> QuerySet[CalendarEvent, Any]:
    return _columns(CalendarEvent.objects.filter(at__gte=start, at__lt=end))


def _columns(events: QuerySet[CalendarEvent]) -> QuerySet[CalendarEvent, Any]:
    return events.order_by("at", "country", "name", "id").values_list(
        "id", "name", "event_type", "country", "importance", "at",
        "actual", "forecast", "previous",
    )  # fmt: skip


def unknown_event_types(words: Collection[str]) -> list[str]:
    """Return those that are no type of event. 1 query, none where all are documented."""
    return _unknown("event_type", set(words) - EVENT_TYPES.keys())


def unknown_countries(codes: Collection[str]) -> list[str]:
    """Return those that no event is about. 1 query, none for the larger currency areas."""
    return _unknown("country", set(codes) - set(AREAS.values()))


def _within(period: Period) -> QuerySet[CalendarEvent]:
    start, end = period.instants
    return CalendarEvent.objects.filter(at__gte=start, at__lt=end)


def _unknown(column: str, values: set[str]) -> list[str]:
    if not values:
        return []
    found = CalendarEvent.objects.filter(**{f"{column}__in": values})
    return sorted(values - set(found.values_list(column, flat=True).distinct()))


def _choices(values: Iterable[tuple[str, str, str]]) -> Choices:
    rows = list(values)
    importances = {row[2] for row in rows}
    return Choices(
        tuple(sorted({row[0] for row in rows})),
        tuple(sorted({row[1] for row in rows})),
        tuple(word for word in IMPORTANCES if word in importances),
    )
