"""Calendar events into the database by one upsert."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from futures.kinds import NewEvent

_KEY = "country, name, at"
_TOLD = "event_type, importance, actual, forecast, previous, source"


@dataclass(frozen=True, slots=True)
class StoredEvents:
    """What became of so many different events."""

    new: int = 0
    changed: int = 0
    same: int = 0


@transaction.atomic
def store_events(
    events: Iterable[NewEvent], *, source: str, only_new: bool = False
) -> StoredEvents:
    """Write events; one of the same country, name and instant is the same event.

    What is told again wins; a figure that is not told leaves the known one in its place, within
    `events` too, where the later one is the newer.

    source    stands beside what is new or has changed
    only_new  known ones are left as they are
    """
    rows: dict[tuple[str, str, datetime], NewEvent] = {}
    for event in events:
        key = event[:3]
        rows[key] = _over(event, rows[key]) if key in rows else event
    if not rows:
        return StoredEvents()
    told = [row._replace(source=row.source or source) for row in rows.values()]
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO futures_calendarevent AS e ({_KEY}, {_TOLD})
            SELECT {_KEY}, {_TOLD} FROM unnest(%s::text[], %s::text[], %s::timestamptz[],
                %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[])
                AS n ({_KEY}, {_TOLD})
            ORDER BY {_KEY}
            ON CONFLICT ({_KEY}) DO UPDATE
                SET event_type = excluded.event_type, importance = excluded.importance,
                    actual = coalesce(excluded.actual, e.actual),
                    forecast = coalesce(excluded.forecast, e.forecast),
                    previous = coalesce(excluded.previous, e.previous), source = excluded.source
                WHERE NOT %s AND (e.event_type, e.importance, e.actual, e.forecast, e.previous)
                    IS DISTINCT FROM (excluded.event_type, excluded.importance,
                        coalesce(excluded.actual, e.actual),
                        coalesce(excluded.forecast, e.forecast),
                        coalesce(excluded.previous, e.previous))
            RETURNING xmax = 0""",  # noqa: S608  constant names
            [*map(list, zip(*told, strict=True)), only_new],
        )
        written = [new for (new,) in cursor.fetchall()]
    new = sum(written)
    return StoredEvents(new, len(written) - new, len(rows) - len(written))


def _over(later: NewEvent, earlier: NewEvent) -> NewEvent:
    """Return the later telling, its gaps filled from the earlier one."""
    return later._replace(
        actual=later.actual or earlier.actual,
        forecast=later.forecast or earlier.forecast,
        previous=later.previous or earlier.previous,
    )
