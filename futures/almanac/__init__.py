"""A calendar made by rules, for a demo: near to the real one, and never mistaken for it.

Each release has the days and the clock of its own place; the instant in UTC follows from there, on
both sides of every change of the clocks. No figure is made up.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from futures.almanac.releases import RELEASES
from futures.kinds import NewEvent

SOURCE = "generated"
MARK = " (demo schedule)"


def almanac(first: date, last: date) -> list[NewEvent]:
    """Return what the rules put on the UTC days from `first` to `last`, by time."""
    events = [event for event in _events(first, last) if first <= event.at.date() <= last]
    return sorted(events, key=lambda event: (event.at, event.country, event.name))


def _events(first: date, last: date) -> Iterator[NewEvent]:
    # A Friday morning in Tokyo is a Thursday in UTC: New Year's Day may come from the year after.
    for year in range(first.year, last.year + 2):
        for release in RELEASES:
            zone = ZoneInfo(release.zone)
            for day in release.days(year):
                yield NewEvent(
                    country=release.country,
                    name=release.name + MARK,
                    at=datetime.combine(day, release.clock, zone).astimezone(UTC),
                    event_type=release.event_type,
                    importance=release.importance,
                )
