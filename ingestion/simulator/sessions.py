"""When a product is open, by the minutes of a UTC day."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from ingestion.simulator.listings import Listed

MINUTES = 1440


def open_minutes(product: Listed, day: date) -> npt.NDArray[np.bool_]:
    """Return which minutes of the UTC day the product is open, shape (1440,); read-only."""
    return _open(product.zone, product.opens, product.closes, day)


@lru_cache(maxsize=4096)
def _open(zone: str, opens: str, closes: str, day: date) -> npt.NDArray[np.bool_]:
    minutes = np.zeros(MINUTES, dtype=np.bool_)
    if opens == "always":
        minutes[:] = True
    else:
        midnight = datetime.combine(day, time(), UTC)
        for trade_day in (day - timedelta(days=1), day, day + timedelta(days=1)):
            if trade_day.weekday() < 5 and not is_holiday(trade_day):
                begin, end = _session(zone, opens, closes, trade_day)
                first = int((begin - midnight).total_seconds() // 60)
                last = int((end - midnight).total_seconds() // 60)
                minutes[max(0, first) : max(0, min(MINUTES, last))] = True
    minutes.setflags(write=False)
    return minutes


def _session(zone: str, opens: str, closes: str, trade_day: date) -> tuple[datetime, datetime]:
    """Return when the session of a trade day begins and ends, UTC."""
    begin_day = trade_day - timedelta(days=1) if "(-1d)" in opens else trade_day
    return (
        datetime.combine(begin_day, _clock(opens), ZoneInfo(zone)).astimezone(UTC),
        datetime.combine(trade_day, _clock(closes), ZoneInfo(zone)).astimezone(UTC),
    )


def _clock(text: str) -> time:
    hour, minute = text[:5].split(":")
    return time(23, 59) if hour == "24" else time(int(hour), int(minute))


def is_holiday(day: date) -> bool:
    """New Year's Day, Good Friday and Christmas: nobody trades futures."""
    return (day.month, day.day) in ((1, 1), (12, 25)) or day == _good_friday(day.year)


@lru_cache(maxsize=64)
def _good_friday(year: int) -> date:
    """Two days before Easter, by the Gregorian computus."""
    golden = year % 19
    century, rest = divmod(year, 100)
    moon = (
        19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15
    ) % 30
    week = (32 + 2 * (century % 4) + 2 * (rest // 4) - moon - rest % 4) % 7
    shift = (golden + 11 * moon + 22 * week) // 451
    month, day = divmod(moon + week - 7 * shift + 114, 31)
    return date(year, month, day + 1) - timedelta(days=2)


@lru_cache(maxsize=4096)
def offset_minutes(zone: str, day: date) -> int:
    """Return how far the zone's clock is ahead of UTC at noon of the day."""
    ahead = datetime.combine(day, time(12), ZoneInfo(zone)).utcoffset()
    return int(ahead.total_seconds() // 60) if ahead else 0
