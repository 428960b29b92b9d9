"""What is swept out at night."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection as database

from ingestion.actions.fills import KEEP_RAW
from ingestion.models import QuarantinedRow

AT_ONCE = 10_000
KEEP_SETTLED = timedelta(days=365)


def prune(*, at: datetime) -> int:
    """Delete raw rows after 90 days, and settled quarantine after a year; return how many rows."""
    pruned = 0
    more = True
    while more:
        with database.cursor() as cursor:
            cursor.execute(
                "DELETE FROM ingestion_rawfill WHERE id IN (SELECT id FROM ingestion_rawfill "
                "WHERE received_at < %s LIMIT %s)",
                [at - KEEP_RAW, AT_ONCE],
            )
            count: int = cursor.rowcount
        pruned += count
        more = count == AT_ONCE
    old = at - KEEP_SETTLED
    settled, _ = QuarantinedRow.objects.filter(resolved_at__lt=old, last_seen_at__lt=old).delete()
    return pruned + settled
