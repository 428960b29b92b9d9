"""Positions that the provider told: kept by day, held against the books once these are read."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection, transaction

from common.clock import from_ns
from ledger.reconciliation.words import ReadTo

SETTLING = timedelta(minutes=10)  # the provider's ledger may be late by minutes


class Reported(NamedTuple):
    """A position that the provider told; contracts, signed."""

    account_id: int
    contract_id: int
    quantity: int


# What is not told is flat: where the books are open, or the provider was not flat before.
_RECORD = """
WITH told AS (
    SELECT account_id, contract_id, sum(quantity)::bigint AS quantity
    FROM unnest(%(account)s::bigint[], %(contract)s::bigint[], %(quantity)s::bigint[])
        AS t (account_id, contract_id, quantity) GROUP BY 1, 2
), asked AS (
    SELECT account_id, contract_id FROM told
    UNION
    SELECT account_id, contract_id FROM ledger_position
    WHERE account_id = ANY(%(asked)s) AND quantity <> 0
    UNION
    SELECT account_id, contract_id FROM ledger_reportedposition
    WHERE account_id = ANY(%(asked)s) AND day = %(day)s
)
INSERT INTO ledger_reportedposition AS r (account_id, day, contract_id, next_quantity, next_at)
SELECT a.account_id, %(day)s, a.contract_id, coalesce(t.quantity, 0), %(at)s
FROM asked a LEFT JOIN told t USING (account_id, contract_id)
ORDER BY 1, 3
ON CONFLICT (account_id, day, contract_id) DO UPDATE
    SET next_quantity = excluded.next_quantity, next_at = excluded.next_at
    WHERE r.next_at IS NULL"""
_SETTLE = """
WITH settled AS (
    UPDATE ledger_reportedposition r SET quantity = r.next_quantity, taken_at = r.next_at,
        next_quantity = NULL, next_at = NULL
    FROM unnest(%s::bigint[], %s::timestamptz[]) AS m (account_id, read_to)
    WHERE r.account_id = m.account_id AND r.next_at IS NOT NULL AND r.next_at <= m.read_to
    RETURNING r.account_id, r.contract_id, r.day
)
INSERT INTO ledger_reconciledue (account_id, contract_id, since)
SELECT account_id, contract_id, min(day) FROM settled GROUP BY 1, 2"""


@transaction.atomic
def record_positions(
    told: Sequence[Reported],
    *,
    asked: Collection[int],
    at: datetime,
) -> int:
    """Keep what the provider told at a moment; return how many lines that says something of.

    A telling that still waits for the fills of its moment is not pushed aside by a later one.

    asked  the accounts that the answer is about, listed or not
    """
    given: dict[str, Any] = {
        "account": [one.account_id for one in told],
        "contract": [one.contract_id for one in told],
        "quantity": [one.quantity for one in told],
        "asked": sorted({*asked, *(one.account_id for one in told)}),
        "day": at.date(),
        "at": at,
    }
    with connection.cursor() as cursor:
        cursor.execute(_RECORD, given)
        kept: int = cursor.rowcount
    return kept


def settle(account_ids: Collection[int] | None, marks: Mapping[int, ReadTo], at: datetime) -> None:
    """Let what waited be compared where the fills of its moment have been read. 2 queries.

    Accounts that nobody polls any more have been read to the present. None = all accounts.
    """
    ours = None if account_ids is None else list(account_ids)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT account_id FROM ledger_reportedposition WHERE next_at IS NOT NULL "
            "AND (%s::bigint[] IS NULL OR account_id = ANY(%s))",
            [ours, ours],
        )
        waiting = [account for (account,) in cursor.fetchall()]
        latest = at - SETTLING
        moments = [
            min(from_ns(marks[one].ns), latest) if one in marks else latest for one in waiting
        ]
        cursor.execute(_SETTLE, [waiting, moments])
