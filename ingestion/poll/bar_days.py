"""Which days of which contracts need bars, and how far they have been read.

A day is read on while it lasts, a minute at a time; read whole once more after its end, for bars
that came late or were missed; then it is left. One that is long over is read whole, once.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db import connection as database

from ingestion.models import BarDay, Connection

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
OVERLAP = timedelta(minutes=15)  # read again with each poll
LATE = BarDay.SETTLES_AFTER
LIVE_SHARE = 0.5  # of the plan's requests of a day; the fills need the others


@dataclass(frozen=True, slots=True)
class Asked:
    """A stretch of a contract's day to ask for.

    since, until  minutes that start in [since, until)
    seen          how far the day was read before, None = never; mark: how far it is then
    """

    contract_id: int
    contract: str
    day: date
    since: datetime
    until: datetime
    seen: datetime | None
    mark: datetime


# A trade or a position is a line from its first fill on; the days that lines cover are wanted.
_WANTED = """
WITH line AS (
    SELECT t.contract_id, t.closed_on AS until,
        (to_timestamp(t.opened_ns / 1000000000) AT TIME ZONE 'UTC')::date AS since
    FROM ledger_trade t JOIN trader_platforms a ON a.id = t.account_id
    WHERE a.platform_id = %(platform)s AND t.closed_on >= %(first)s AND NOT t.is_copied
    UNION
    SELECT p.contract_id, coalesce(c.expires_on, %(today)s),
        (to_timestamp(p.opened_ns / 1000000000) AT TIME ZONE 'UTC')::date
    FROM ledger_position p JOIN trader_platforms a ON a.id = p.account_id
    JOIN futures_contract c ON c.id = p.contract_id
    WHERE a.platform_id = %(platform)s AND p.quantity <> 0
), held AS (
    SELECT DISTINCT contract_id, at::date AS day
    FROM line, generate_series(greatest(since, %(first)s)::timestamp,
        least(until, %(today)s)::timestamp, interval '1 day') at
)
SELECT c.id, c.name, h.day, b.read_until
FROM held h JOIN futures_contract c ON c.id = h.contract_id
LEFT JOIN ingestion_barday b
    ON b.connection_id = %(connection)s AND b.contract_id = h.contract_id AND b.day = h.day
WHERE b.read_until IS NULL
    OR b.read_until < (h.day + interval '1 day') AT TIME ZONE 'UTC' + %(late)s
ORDER BY h.day DESC, b.read_until NULLS FIRST, c.id"""
_MARK = """
UPDATE ingestion_barday b SET read_until = n.mark, bars = {count}
FROM unnest(%(contracts)s::bigint[], %(days)s::date[], %(marks)s::timestamptz[],
    %(seen)s::timestamptz[]) AS n (contract_id, day, mark, seen)
WHERE b.connection_id = %(connection)s AND b.contract_id = n.contract_id AND b.day = n.day
    AND b.read_until = n.seen"""
_FIRST_MARK = """
INSERT INTO ingestion_barday (connection_id, contract_id, day, read_until, bars)
SELECT %(connection)s, n.contract_id, n.day, n.mark, {count}
FROM unnest(%(contracts)s::bigint[], %(days)s::date[], %(marks)s::timestamptz[],
    %(seen)s::timestamptz[]) AS n (contract_id, day, mark, seen)
WHERE n.seen IS NULL
ORDER BY n.contract_id, n.day ON CONFLICT DO NOTHING"""
_COUNT = """(SELECT count(*) FROM futures_bar f WHERE f.contract_id = n.contract_id
    AND f.start_at >= n.day::timestamp AT TIME ZONE 'UTC'
    AND f.start_at < (n.day + 1)::timestamp AT TIME ZONE 'UTC')"""


def wanted(connection: Connection, now: datetime) -> list[Asked]:
    """Return what to ask for now: today's minutes, then the newest days first. 1 query.

    Bars are the same in every environment: one connection brings them in for its whole platform.
    """
    today = now.date()
    with database.cursor() as cursor:
        cursor.execute(
            _WANTED,
            {
                "platform": connection.platform_id,
                "connection": connection.pk,
                "first": first_day(connection, now),
                "today": today,
                "late": LATE,  # type: ignore[dict-item]  # psycopg knows intervals
            },
        )
        rows = cursor.fetchall()
    live = sum(day == today for _, _, day, _ in rows)
    pause = _pause(live, connection.requests_per_day)
    found = []
    for contract_id, contract, day, seen in rows:
        if (part := part_of(day, seen, now, pause=pause)) is not None:
            since, until, mark = part
            found.append(Asked(contract_id, contract, day, since, until, seen, mark))
    return found


def first_day(connection: Connection, now: datetime) -> date:
    """Return the earliest day whose bars the connection brings in."""
    return now.date() - timedelta(days=connection.bars_days)


def part_of(
    day: date, seen: datetime | None, now: datetime, *, pause: timedelta = MINUTE
) -> tuple[datetime, datetime, datetime] | None:
    """Return which part [since, until) of a day to read, and how far it is read then.

    None while there is nothing new. The minute that is still running is left for the next poll.
    """
    begin = datetime.combine(day, time(), UTC)
    end = begin + DAY
    if now >= end + LATE:
        return None if seen is not None and seen >= end + LATE else (begin, end, end + LATE)
    until = min(end, now.replace(second=0, microsecond=0))
    if seen is None:
        return (begin, until, until) if until > begin else None
    if until < min(seen + pause, end) or until <= seen:
        return None
    return max(begin, seen - OVERLAP), until, until


def mark(connection_id: int, done: Sequence[Asked]) -> None:
    """Write down that these were read, and how many bars each day has now. 2 queries.

    Where somebody else has moved a day meanwhile, or wants it read again, it is left as it is.
    """
    given: dict[str, Any] = {
        "connection": connection_id,
        "contracts": [one.contract_id for one in done],
        "days": [one.day for one in done],
        "marks": [one.mark for one in done],
        "seen": [one.seen for one in done],
    }
    with database.cursor() as cursor:
        cursor.execute(_MARK.format(count=_COUNT), given)
        cursor.execute(_FIRST_MARK.format(count=_COUNT), given)


def _pause(live: int, requests_per_day: int) -> timedelta:
    """Return the time between two readings of a contract: a minute where the plan allows it."""
    a_day = live * (DAY / MINUTE)
    return MINUTE * max(1, math.ceil(a_day / (LIVE_SHARE * requests_per_day)))
