"""Dates and times in files -> nanoseconds since 1970, exactly, in a zone that someone named."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from ingestion.importers.table import FileRefused
from ingestion.parse.contract_names import MONTHS
from ingestion.parse.foreign import INT64_MAX, Unusable

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TIME = (
    r"(?:[T ]\s*(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})"
    r"(?:[.,](?P<fraction>\d{1,9}))?)?\s*(?P<half>[AaPp][Mm])?"
    r"\s*(?P<zone>Z|z|UTC|GMT|[+-]\d{2}:?\d{2})?)?"
)
_ISO = re.compile(rf"(?P<year>\d{{4}})-?(?P<month>\d{{2}})-?(?P<day>\d{{2}}){_TIME}", re.ASCII)
_US = re.compile(rf"(?P<month>\d{{1,2}})/(?P<day>\d{{1,2}})/(?P<year>\d{{4}}){_TIME}", re.ASCII)
_WORD = re.compile(
    rf"(?P<day>\d{{1,2}})(?P<word>[A-Z][a-z]{{2}})(?P<year>\d{{2}}){_TIME}", re.ASCII
)


class ZoneNeeded(FileRefused):
    """A time carries no zone and nobody named one."""


def zone_named(name: str | None) -> tzinfo | None:
    """Return the zone of an IANA name. Raises FileRefused."""
    if name is None:
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise FileRefused(
            f"no time zone is called {name!r}: use a name like America/Chicago or UTC"
        ) from None


def nanoseconds(text: str, zone: tzinfo | None, *, us: bool = False) -> int:
    """Return the instant of "2026-03-02T14:30:20.123456789Z" and its kin.

    zone  of a time that carries none; a time's own zone comes first
    us    month/day/year is read too (elsewhere it would be a guess)
    raises  Unusable; ZoneNeeded where no zone is to be had
    """
    line = text.strip()
    if len(line) == 20 and line[-1] == "Z" and line[10] == "T":  # what bars are full of
        try:
            return _in_range(int(datetime.fromisoformat(line).timestamp()) * 1_000_000_000, line)
        except ValueError:
            raise Unusable(f"no such date or time: {line[:40]!r}") from None
    found = _ISO.fullmatch(line) or _WORD.fullmatch(line) or (_US.fullmatch(line) if us else None)
    if found is None or found["hour"] is None:
        raise Unusable(f"not a date and time that we can read: {line[:40]!r}")
    part = found.groupdict()
    hour = int(part["hour"])
    if part["half"]:
        if not 1 <= hour <= 12:
            raise Unusable(f"no such time: {line[:40]!r}")
        hour = hour % 12 + (12 if part["half"].lower() == "pm" else 0)
    try:
        local = datetime(  # noqa: DTZ001 - the zone comes next
            2000 + int(part["year"]) if part.get("word") else int(part["year"]),
            MONTHS.index(part["word"]) + 1 if part.get("word") else int(part["month"]),
            int(part["day"]),
            hour,
            int(part["minute"]),
            int(part["second"] or 0),
        )
    except ValueError:
        raise Unusable(f"no such date or time: {line[:40]!r}") from None
    seconds = round((_in_zone(local, part["zone"], zone, line) - _EPOCH).total_seconds())
    return _in_range(seconds * 1_000_000_000 + int((part["fraction"] or "").ljust(9, "0")), line)


def _in_range(ns: int, line: str) -> int:
    if not 0 < ns <= INT64_MAX:
        raise Unusable(f"out of range: {line[:40]!r}")
    return ns


def day_of(ns: int) -> date:
    """Return the UTC day."""
    return (_EPOCH + timedelta(seconds=ns // 1_000_000_000)).date()


def _in_zone(local: datetime, told: str | None, zone: tzinfo | None, line: str) -> datetime:
    if told:
        if told[0] not in "+-":
            return local.replace(tzinfo=UTC)
        try:
            return datetime.strptime(f"{local:%Y-%m-%dT%H:%M:%S}{told}", "%Y-%m-%dT%H:%M:%S%z")
        except ValueError:
            raise Unusable(f"no such zone: {line[:40]!r}") from None
    if zone is None:
        raise ZoneNeeded(
            f"the time {line[:40]!r} has no zone: say which one with --timezone, "
            "for example --timezone America/Chicago"
        )
    first, second = local.replace(tzinfo=zone), local.replace(tzinfo=zone, fold=1)
    if first.utcoffset() != second.utcoffset():
        raise Unusable(
            f"the clocks change at {line[:40]!r}: that hour is there twice or not at all"
        )
    return first
