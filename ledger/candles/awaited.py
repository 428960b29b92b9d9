"""Whose candles are still being made: what readers are told of it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import connection

from ledger.models import Trade


def awaited(trades: Sequence[Trade]) -> frozenset[UUID]:
    """Return those of these trades that lie on a day whose candles are due. 1 query."""
    columns = zip(
        *(
            (one.id, one.account_id, one.contract_id, one.opened_at.date(), one.closed_on)
            for one in trades
        ),
        strict=True,
    )
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT t.id FROM unnest(%s::uuid[], %s::bigint[], %s::bigint[], %s::date[], %s::date[])
                AS t (id, account_id, contract_id, first, last)
            WHERE EXISTS (
                SELECT FROM ledger_candlesdue d
                WHERE (d.account_id IS NULL OR d.account_id = t.account_id)
                    AND (d.contract_id IS NULL OR d.contract_id = t.contract_id)
                    AND d.since <= t.last AND (d.until IS NULL OR d.until >= t.first)
            )""",
            [list(column) for column in columns],
        )
        return frozenset(row[0] for row in cursor.fetchall())
