"""Rows that could not be used: kept, counted, shown; tried again when an operator asks."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db import DataError, IntegrityError, transaction
from django.db import connection as database

from ingestion.actions.fills import Source, store_fills
from ingestion.models import QuarantinedRow, Stream
from ingestion.parse import foreign, tt
from ingestion.providers.base import Fill, Misfit

AT_ONCE = 500  # rows tried again in one transaction


def quarantine(
    misfits: Iterable[Misfit],
    *,
    stream: Stream,
    at: datetime,
    connection_id: int | None = None,
    source: str = "",
) -> int:
    """Keep rows that could not be used; one seen before is counted once more. Returns how many.

    A file's row may carry its number as `line`.
    """
    rows: dict[str, tuple[Any, ...]] = {}
    for misfit in misfits:
        raw = foreign.raw_row(misfit.raw)
        reason = str(foreign.storable(misfit.reason))[:1_000]
        text = json.dumps(raw, sort_keys=True, default=str)
        told = f"{source}\x1f{reason}\x1f{text}"
        digest = hashlib.blake2b(told.encode("utf-8", "replace"), digest_size=16).hexdigest()
        line = getattr(misfit, "line", None)
        rows[digest] = (digest, reason, text, line if isinstance(line, int) else None)
    if not rows:
        return 0
    with database.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO ingestion_quarantinedrow AS q (connection_id, stream, source, line, reason,
                raw, digest, first_seen_at, last_seen_at, times_seen)
            SELECT %(connection)s, %(stream)s, %(source)s, line, reason, raw, digest,
                %(at)s, %(at)s, 1
            FROM unnest(%(digests)s::text[], %(reasons)s::text[], %(raws)s::jsonb[],
                %(lines)s::int[]) AS n (digest, reason, raw, line)
            ORDER BY digest
            ON CONFLICT (connection_id, stream, digest) DO UPDATE
                SET times_seen = q.times_seen + 1, last_seen_at = excluded.last_seen_at""",
            {
                "connection": connection_id,
                "stream": stream.value,
                "source": str(foreign.storable(source)),
                "at": at,
                "digests": [row[0] for row in rows.values()],
                "reasons": [row[1] for row in rows.values()],
                "raws": [row[2] for row in rows.values()],
                "lines": [row[3] for row in rows.values()],
            },
        )
    return len(rows)


def settle(row_ids: Collection[int], *, at: datetime) -> int:
    """Mark rows as dealt with; return how many."""
    return QuarantinedRow.objects.filter(id__in=row_ids, resolved_at=None).update(resolved_at=at)


def retry(
    row_ids: Collection[int],
    *,
    at: datetime,
    tell: Callable[[int, int], None] = lambda done, settled: None,
) -> tuple[int, int]:
    """Read polled rows of fills again, as the adapter reads them now; return (settled, still out).

    Each AT_ONCE rows are a transaction: what was used stays used if the rest breaks off. A row with
    characters that the database refuses stays out: what was stored is not what came.

    tell  how many were tried, and how many of them settled, now and then
    """
    settled = tried = 0
    ids = sorted(row_ids)
    for start in range(0, len(ids), AT_ONCE):
        rows = list(
            QuarantinedRow.objects.filter(id__in=ids[start : start + AT_ONCE], resolved_at=None)
            .select_related("connection__platform")
            .order_by("connection_id", "id")
        )
        for _, group in groupby(rows, key=lambda row: row.connection_id):
            settled += _used(list(group), at)
        tried += len(rows)
        tell(tried, settled)
    return settled, tried - settled


def _used(rows: Sequence[QuarantinedRow], at: datetime) -> int:
    """Bring rows of one connection into the books; return how many fit.

    Where one of them makes the database refuse all, each is tried by itself.
    """
    try:
        return _used_together(rows, at)
    except (DataError, IntegrityError, ValueError):
        if len(rows) == 1:
            return 0
        return sum(_used([row], at) for row in rows)


@transaction.atomic
def _used_together(rows: Sequence[QuarantinedRow], at: datetime) -> int:
    connection = rows[0].connection
    if connection is None:
        return 0
    fills: list[Fill] = []
    readable: set[int] = set()
    whose: dict[int, int] = {}  # of each fill's raw row, by its place in memory
    for row in rows:
        read = _read(row)
        if read is not None:
            readable.add(row.pk)
            fills += read
            whose.update((id(fill.raw), row.pk) for fill in read)
    stored = store_fills(Source.of(connection), fills, at=at)
    out = {whose[id(misfit.raw)] for misfit in stored.rejected}
    return settle(readable - out, at=at)


def _read(row: QuarantinedRow) -> Sequence[Fill] | None:
    """Return the fills of a row as the adapter reads it now; None when it cannot."""
    raw = row.raw
    if row.stream != Stream.FILLS or not isinstance(raw, Mapping):
        return None
    if "\\\\u0000" in json.dumps(raw):
        return None
    read = tt.fills(raw)
    return None if isinstance(read, Misfit) else read
