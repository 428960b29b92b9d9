"""Files of calendar events -> our words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo
from pathlib import Path

from futures.kinds import AREAS, NewEvent
from ingestion.importers import table
from ingestion.importers.instants import nanoseconds, zone_named
from ingestion.importers.table import BadLine, FileRefused, Line
from ingestion.parse.foreign import Unusable

_UTC_AT = ("releaseutc", "atutc", "datetimeutc", "timestamputc", "timeutc", "dateutc")
_AT = ("at", "release", "releasedat", "datetime", "timestamp")
_DAY, _TIME = "date", "time"
_NAME = ("name", "event", "title", "indicator")
_TYPE = ("eventtype", "type")
_AREA = ("country", "countrycode", "currency", "area", "region")
_IMPORTANCE = ("importance", "impact", "volatility")
_FIGURES = (
    ("actual",),
    ("forecast", "consensus", "estimate", "expected"),
    ("previous", "prior", "prev"),
)
_IMPORTANCES = {
    "high": "high", "3": "high", "red": "high",
    "medium": "medium", "moderate": "medium", "med": "medium", "2": "medium", "orange": "medium",
    "low": "low", "1": "low", "yellow": "low",
}  # fmt: skip
_AREAS = {
    **{currency.lower(): area for currency, area in AREAS.items()},
    "ea": "EU", "emu": "EU", "ez": "EU", "uk": "GB",
    "united states": "US", "usa": "US", "euro area": "EU", "euro zone": "EU", "eurozone": "EU",
    "united kingdom": "GB", "japan": "JP", "germany": "DE", "france": "FR", "italy": "IT",
    "spain": "ES", "switzerland": "CH", "canada": "CA", "australia": "AU", "china": "CN",
}  # fmt: skip
# The first that is found in the name; for files that name no type.
_TYPES = tuple(
    (word, re.compile(pattern, re.IGNORECASE))
    for word, pattern in (
        ("speech", r"minutes|press conference|speaks|speech|testi(fies|mony)"),
        ("fomc", r"\bfomc\b|federal funds|\bfed\b.*\brate"),
        ("ecb", r"\becb\b|main refinancing|deposit facility"),
        ("boe", r"\bboe\b|bank of england|official bank rate"),
        ("boj", r"\bboj\b|bank of japan"),
        ("rate_decision", r"rate decision|(interest|cash|policy|overnight) rate"),
        ("jobless_claims", r"(jobless|unemployment) claims"),
        ("employment", r"employment situation|\bnfp\b|non-?farm|payrolls|unemployment rate"),
        ("pce", r"\bpce\b|personal income"),
        ("ppi", r"\bppi\b|producer price"),
        ("cpi", r"\bcpi\b|consumer price|\bhicp\b"),
        ("gdp", r"\bgdp\b|gross domestic"),
        ("retail_sales", r"retail sales"),
        ("ism", r"\bism\b"),
        ("pmi", r"\bpmi\b|purchasing managers"),
        ("confidence", r"confidence|sentiment"),
        ("crude_inventories", r"(crude|oil) inventor|petroleum status"),
        ("gas_storage", r"gas storage"),
    )
)
_WORD = re.compile(r"[a-z][a-z0-9_]{0,39}")


def read_events(
    source: Path | str,
    *,
    timezone: str | None = None,
    country: str | None = None,
    importance: str | None = None,
) -> Iterator[NewEvent | BadLine]:
    """Give out the events of a CSV file line by line, and its bad lines with reason and number.

    Columns: at (or release_utc, datetime ...; or date and time), name or event, country or
    currency, importance; and if known event_type (else the name tells it), actual, forecast,
    previous, source. A currency stands for its area: EUR for EU.

    timezone             of times without a zone, unless their header says UTC
    country, importance  for files without that column
    raises               FileRefused
    """
    zone = zone_named(timezone)
    with table.opened(source) as read:
        missing = [
            columns[0]
            for columns, given in (
                (_AT + _UTC_AT + (_DAY,), None),
                (_NAME, None),
                (_AREA, country),
                (_IMPORTANCE, importance),
            )
            if given is None and read.headers.isdisjoint(columns)
        ]
        if missing:
            raise FileRefused(f"a file of events needs the columns {', '.join(missing)}")
        for line in read.lines:
            if isinstance(line, BadLine):
                yield line
                continue
            try:
                yield _event(line, zone, country, importance)
            except Unusable as reason:
                yield line.refused(str(reason))


def _event(
    line: Line, zone: tzinfo | None, country: str | None, importance: str | None
) -> NewEvent:
    name = _text(line.need(*_NAME), "name", 200)
    figures = [
        None if (told := line.get(*columns)) is None else _text(told, columns[0], 60)
        for columns in _FIGURES
    ]
    return NewEvent(
        country=_area(line.get(*_AREA) or country),
        name=name,
        at=_instant(line, zone),
        event_type=_type(line.get(*_TYPE), name),
        importance=_importance(line.get(*_IMPORTANCE) or importance),
        actual=figures[0],
        forecast=figures[1],
        previous=figures[2],
        source=line.cells.get("source", "")[:200] or None,
    )


def _instant(line: Line, zone: tzinfo | None) -> datetime:
    if told := line.get(*_UTC_AT):
        ns = nanoseconds(told, UTC)
    elif told := line.get(*_AT):
        ns = nanoseconds(told, zone)
    else:
        day, hour = line.need(_DAY), line.get(_TIME)
        ns = nanoseconds(f"{day} {hour}" if hour else day, zone)
    return datetime.fromtimestamp(ns // 1_000_000_000, UTC)


def _area(told: str | None) -> str:
    if told is None:
        raise Unusable("country is missing")
    if area := _AREAS.get(told.lower()):
        return area
    if len(told) == 2 and told.isascii() and told.isalpha():
        return told.upper()
    raise Unusable(f"country is neither a two-letter code nor a known currency: {told[:40]!r}")


def _importance(told: str | None) -> str:
    if told is None:
        raise Unusable("importance is missing")
    if word := _IMPORTANCES.get(told.lower()):
        return word
    raise Unusable(f"importance is not low, medium or high: {told[:40]!r}")


def _type(told: str | None, name: str) -> str:
    if told is None:
        return next((word for word, pattern in _TYPES if pattern.search(name)), "other")
    word = re.sub(r"[\s-]+", "_", told.lower())
    if not _WORD.fullmatch(word):
        raise Unusable(f"event_type is not a word in small letters: {told[:40]!r}")
    return word


def _text(told: str, what: str, longest: int) -> str:
    text = " ".join(told.split())
    if len(text) > longest:
        raise Unusable(f"{what} is longer than {longest} characters")
    if not text.isprintable():
        raise Unusable(f"{what} holds a character that cannot be kept")
    return text
