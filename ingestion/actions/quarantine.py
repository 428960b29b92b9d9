"""Rows that could not be used: kept, counted, shown; tried again when an operator asks."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import connection as database
from django.db import transaction

from ingestion.actions.fills import Source, store_fills
from ingestion.models import QuarantinedRow, Stream
from ingestion.parse import foreign, tt
from ingestion.providers.base import Misfit


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


def retry(row_ids: Collection[int], *, at: datetime) -> tuple[int, int]:
    """Read polled rows of fills again, as the adapter reads them now; return (settled, still out).

    A row with characters that the database refuses stays out: what was stored is not what came.
    """
    settled = still_out = 0
    rows = QuarantinedRow.objects.filter(id__in=row_ids, resolved_at=None).select_related(
        "connection__platform"
    )
    for row in rows:
        if _used(row, at):
            settled += settle([row.pk], at=at)
        else:
            still_out += 1
    return settled, still_out


@transaction.atomic
def _used(row: QuarantinedRow, at: datetime) -> bool:
    raw = row.raw
    if row.connection is None or row.stream != Stream.FILLS or not isinstance(raw, Mapping):
        return False
    if "\\\\u0000" in json.dumps(raw):
        return False
    read = tt.fills(raw)
    if isinstance(read, Misfit):
        return False
    stored = store_fills(Source.of(row.connection), read, at=at)
    return not stored.rejected
