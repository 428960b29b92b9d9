"""The one place that asks what time it is; doors ask it and pass the time inwards."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

NS_PER_DAY = 86_400_000_000_000
_FIRST = datetime(1970, 1, 1, tzinfo=UTC)


def now() -> datetime:
    """Return the present instant, UTC."""
    return datetime.now(UTC)


def today() -> date:
    """Return the present UTC day."""
    return now().date()


def to_ns(at: datetime) -> int:
    """Return nanoseconds since 1970 of an aware instant; exact."""
    whole = at.astimezone(UTC) - _FIRST
    return (whole.days * 86_400 + whole.seconds) * 1_000_000_000 + whole.microseconds * 1_000


def from_ns(ns: int) -> datetime:
    """Return the UTC instant of nanoseconds since 1970, cut to microseconds (for display)."""
    return _FIRST + timedelta(microseconds=ns // 1_000)
