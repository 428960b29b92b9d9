"""Days as a bureau's calendar names them: the third Wednesday, the eighth business day."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import cache

MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = range(7)
DAY = timedelta(days=1)
LAST = -1
# The local days of a year on which something comes out.
Rule = Callable[[int], Iterator[date]]


def nth(year: int, month: int, weekday: int, number: int) -> date:
    """Return the first, second ... weekday of a month; LAST is the last one."""
    if number == LAST:
        day = _month_after(year, month) - DAY
        return day - DAY * ((day.weekday() - weekday) % 7)
    day = date(year, month, 1)
    return day + DAY * ((weekday - day.weekday()) % 7 + 7 * (number - 1))


@cache
def us_holidays(year: int) -> frozenset[date]:
    """Return the federal holidays as they are observed, New Year's Eve of a Saturday included."""
    fixed = [(1, 1), (7, 4), (11, 11), (12, 25), *([(6, 19)] if year >= 2021 else [])]
    floating = [
        nth(year, 1, MONDAY, 3),
        nth(year, 2, MONDAY, 3),
        nth(year, 5, MONDAY, LAST),
        nth(year, 9, MONDAY, 1),
        nth(year, 10, MONDAY, 2),
        nth(year, 11, THURSDAY, 4),
    ]
    days = [_observed(date(year, *month_day)) for month_day in fixed]
    return frozenset([*days, *floating, _observed(date(year + 1, 1, 1))])


def is_business_day(day: date) -> bool:
    """Say whether federal offices are open."""
    return day.weekday() < SATURDAY and day not in us_holidays(day.year)


def business_day(year: int, month: int, number: int) -> date:
    """Return the first, second ... business day of a month."""
    day = date(year, month, 1)
    while True:
        number -= is_business_day(day)
        if not number:
            return day
        day += DAY


def on_or_before(day: date) -> date:
    """Return the day, or the last business day before it."""
    while not is_business_day(day):
        day -= DAY
    return day


def every(weekday: int, year: int) -> Iterator[date]:
    """Yield each Thursday, or whichever weekday, of a year."""
    day = nth(year, 1, weekday, 1)
    while day.year == year:
        yield day
        day += 7 * DAY


def monthly(of_month: Callable[[int, int], date]) -> Rule:
    """Return the rule of what comes once a month."""
    return lambda year: (of_month(year, month) for month in range(1, 13))


def meetings(*weekdays: tuple[int, int, int]) -> Rule:
    """Return the rule of so many days a year: (month, weekday, which of them)."""
    return lambda year: (nth(year, *which) for which in weekdays)


def _observed(day: date) -> date:
    return day + DAY * {SATURDAY: -1, SUNDAY: 1}.get(day.weekday(), 0)


def _month_after(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1)
