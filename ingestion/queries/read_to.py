"""How far the fills of accounts have been read, by whoever polls them."""

from __future__ import annotations

from collections.abc import Collection

from django.db import connection

from ledger.reconciliation import ReadTo

# An account is not known to belong to one connection: of those that see its environment, the ones
# that feed its group count, else all; the slowest tells.
_READ_TO = """
SELECT a.id,
    coalesce(min(m.ns) FILTER (WHERE c.group_id = t.group_id), min(m.ns)),
    coalesce(bool_and(m.is_in) FILTER (WHERE c.group_id = t.group_id), bool_and(m.is_in))
FROM trader_platforms a JOIN traders t ON t.id = a.trader_id
JOIN ingestion_connection c ON c.platform_id = a.platform_id AND c.environment = a.environment
    AND c.is_active
JOIN ingestion_feed f ON f.connection_id = c.id AND f.stream = 'fills'
CROSS JOIN LATERAL (
    SELECT coalesce(f.watermark_ns, 0) AS ns, f.history_done_at IS NOT NULL AS is_in
) m
WHERE a.id = ANY(%s) GROUP BY a.id"""


def read_to(account_ids: Collection[int]) -> dict[int, ReadTo]:
    """Return how far each of these accounts has been read; those that nobody polls are left out.

    1 query.
    """
    with connection.cursor() as cursor:
        cursor.execute(_READ_TO, [list(account_ids)])
        return {account: ReadTo(ns, is_in) for account, ns, is_in in cursor.fetchall()}
