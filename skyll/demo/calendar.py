"""The demo's calendar: the year of its trades and the year to come."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db.models import Max, Min

from futures.almanac import SOURCE, almanac
from futures.calendar import store_events
from futures.models import CalendarEvent

AHEAD = timedelta(days=365)


def events(first: date, *, at: datetime) -> int:
    """Make the events from `first` to a year ahead that are missing; return how many.

    Where somebody has brought the real ones in, from the first to the last of a country and type,
    none is made.
    """
    told = (
        CalendarEvent.objects.exclude(source=SOURCE)
        .values_list("country", "event_type")
        .annotate(Min("at"), Max("at"))
    )
    real = {(country, kind): (start, end) for country, kind, start, end in told}
    wanted = [
        event
        for event in almanac(first, at.date() + AHEAD)
        if (span := real.get((event.country, event.event_type))) is None
        or not span[0].date() <= event.at.date() <= span[1].date()
    ]
    return store_events(wanted, source=SOURCE, only_new=True).new
