"""Who publishes what when: the rule of thumb behind each, which holds in most years."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time

from futures.almanac.days import (
    DAY,
    FRIDAY,
    LAST,
    SATURDAY,
    THURSDAY,
    TUESDAY,
    WEDNESDAY,
    Rule,
    business_day,
    every,
    is_business_day,
    meetings,
    monthly,
    nth,
    on_or_before,
)

NEW_YORK, FRANKFURT = "America/New_York", "Europe/Berlin"
LONDON, TOKYO = "Europe/London", "Asia/Tokyo"


@dataclass(frozen=True, slots=True)
class Release:
    """What comes out, and the days of a year and the time of day by the clocks of its place."""

    name: str
    event_type: str
    country: str
    importance: str
    zone: str
    clock: time
    days: Rule


def employment_day(year: int, month: int) -> date:
    """Return the third Friday after the week with the 12th of the month before.

    Mostly the first Friday of the month. Not in the first three days of a year; the day before a
    holiday.
    """
    twelfth = (date(year, month, 1) - DAY).replace(day=12)
    week_end = twelfth + DAY * ((SATURDAY - twelfth.weekday()) % 7)
    day = week_end + 20 * DAY
    if month == 1 and day.day <= 3:
        day += 7 * DAY
    return on_or_before(day)


def claims_days(year: int) -> Iterator[date]:
    """Yield Thursdays, or the business day before."""
    return (on_or_before(day) for day in every(THURSDAY, year))


def crude_days(year: int) -> Iterator[date]:
    """Yield the Wednesdays of weeks without a holiday so far."""
    return (day for day in every(WEDNESDAY, year) if not _delayed(day))


def late_crude_days(year: int) -> Iterator[date]:
    """Yield the Thursdays of the other weeks; the Friday where Thursday is a holiday itself."""
    for day in every(WEDNESDAY, year):
        if _delayed(day):
            late = day + DAY
            yield late if is_business_day(late) else late + DAY


def _delayed(wednesday: date) -> bool:
    return not all(is_business_day(wednesday - n * DAY) for n in range(3))


def _nth_business_day(number: int) -> Rule:
    return monthly(lambda year, month: business_day(year, month, number))


def _nth_weekday(weekday: int, number: int) -> Rule:
    return monthly(lambda year, month: nth(year, month, weekday, number))


def _us(name: str, event_type: str, importance: str, clock: time, days: Rule) -> Release:
    return Release(name, event_type, "US", importance, NEW_YORK, clock, days)


_MORNING, _TEN, _HALF_TEN = time(8, 30), time(10), time(10, 30)

RELEASES = (
    _us(
        "FOMC rate decision", "fomc", "high", time(14),
        meetings(
            (1, WEDNESDAY, LAST), (3, WEDNESDAY, 3), (4, WEDNESDAY, LAST), (6, WEDNESDAY, 3),
            (7, WEDNESDAY, LAST), (9, WEDNESDAY, 3), (10, WEDNESDAY, LAST), (12, WEDNESDAY, 2),
        ),
    ),
    _us("Employment Situation", "employment", "high", _MORNING, monthly(employment_day)),
    _us("CPI", "cpi", "high", _MORNING, _nth_business_day(8)),
    _us("PPI", "ppi", "medium", _MORNING, _nth_business_day(9)),
    _us("Retail sales", "retail_sales", "medium", _MORNING, _nth_business_day(11)),
    _us(
        "GDP", "gdp", "high", _MORNING,
        monthly(lambda year, month: on_or_before(nth(year, month, THURSDAY, LAST))),
    ),
    _us(
        "Personal income and outlays", "pce", "medium", _MORNING,
        monthly(lambda year, month: on_or_before(nth(year, month, FRIDAY, LAST))),
    ),
    _us("ISM manufacturing", "ism", "medium", _TEN, _nth_business_day(1)),
    _us("ISM services", "ism", "medium", _TEN, _nth_business_day(3)),
    _us("Consumer confidence", "confidence", "medium", _TEN, _nth_weekday(TUESDAY, LAST)),
    _us("Jobless claims", "jobless_claims", "medium", _MORNING, claims_days),
    _us("EIA crude inventories", "crude_inventories", "medium", _HALF_TEN, crude_days),
    _us("EIA crude inventories", "crude_inventories", "medium", time(11), late_crude_days),
    _us("EIA natural gas storage", "gas_storage", "low", _HALF_TEN, claims_days),
    Release(
        "ECB rate decision", "ecb", "EU", "high", FRANKFURT, time(14, 15),
        meetings(
            (2, THURSDAY, 1), (3, THURSDAY, 3), (4, THURSDAY, LAST), (6, THURSDAY, 2),
            (7, THURSDAY, 4), (9, THURSDAY, 2), (10, THURSDAY, LAST), (12, THURSDAY, 3),
        ),
    ),
    Release(
        "HICP flash estimate", "cpi", "EU", "medium", FRANKFURT, time(11), _nth_weekday(TUESDAY, 1)
    ),
    Release(
        "BoE rate decision", "boe", "GB", "high", LONDON, time(12),
        meetings(
            (2, THURSDAY, 1), (3, THURSDAY, 3), (4, THURSDAY, LAST), (6, THURSDAY, 3),
            (7, THURSDAY, LAST), (9, THURSDAY, 3), (11, THURSDAY, 1), (12, THURSDAY, 3),
        ),
    ),
    Release("CPI", "cpi", "GB", "medium", LONDON, time(7), _nth_weekday(WEDNESDAY, 3)),
    Release("CPI", "cpi", "JP", "low", TOKYO, time(8, 30), _nth_weekday(FRIDAY, 3)),
)  # fmt: skip
