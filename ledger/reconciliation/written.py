"""Reconciled days into their table: only rows that came out otherwise are written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from django.db import connection

from calc.reconciliation import PROBLEMS, Held, spreads
from common import clock
from ledger.reconciliation.facts import Line
from ledger.reconciliation.judged import Row
from ledger.settled import first_running

_COLUMNS = ", ".join(Row._fields)
_SAID = [name for name in Row._fields if name != "checked_at"]
_LINES = (
    "unnest(%(account)s::bigint[], %(contract)s::bigint[], %(since)s::date[], "
    "%(product)s::bigint[]) AS l (account_id, contract_id, since, product_id)"
)
# What these accounts hold besides in the same products.
_BESIDE = f"""
SELECT DISTINCT d.account_id, d.day, d.contract_id, d.product_id, d.position, d.open_since_ns,
    d.opened_as_leg, d.is_spread
FROM (SELECT account_id, product_id, min(since) AS since FROM {_LINES} GROUP BY 1, 2) l
JOIN ledger_reconciledday d ON d.account_id = l.account_id AND d.product_id = l.product_id
    AND d.day >= l.since AND d.position <> 0
WHERE (d.account_id, d.contract_id) NOT IN (SELECT account_id, contract_id FROM {_LINES})
"""  # noqa: S608  constant text
_OLD = "d.day >= l.since AND d.account_id = l.account_id AND d.contract_id = l.contract_id"
# Whose notes about days in doubt are others now.
_STIRRED = f"""
SELECT account_id, min(day) FROM (
    SELECT d.account_id, d.day, d.contract_id, d.state FROM {_LINES}
    JOIN ledger_reconciledday d ON {_OLD}
) o FULL JOIN staged_day s USING (account_id, day, contract_id)
WHERE o.state IS DISTINCT FROM s.state
    AND (o.state = ANY(%(problems)s) OR s.state = ANY(%(problems)s))
GROUP BY 1"""  # noqa: S608
_FORGET = f"""
DELETE FROM ledger_reconciledday d USING {_LINES}
WHERE {_OLD} AND NOT EXISTS (
    SELECT FROM staged_day s WHERE s.account_id = d.account_id AND s.day = d.day
        AND s.contract_id = d.contract_id)"""  # noqa: S608  constant text
_KEEP = f"""
INSERT INTO ledger_reconciledday AS d ({_COLUMNS}) SELECT {_COLUMNS} FROM staged_day
ON CONFLICT (account_id, day, contract_id) DO UPDATE SET ({_COLUMNS})
    = ({", ".join(f"excluded.{name}" for name in Row._fields)})
WHERE ({", ".join(f"d.{name}" for name in _SAID)})
    IS DISTINCT FROM ({", ".join(f"excluded.{name}" for name in _SAID)})"""  # noqa: S608
_FLAG = """
UPDATE ledger_reconciledday d SET is_spread = NOT d.is_spread
FROM unnest(%s::bigint[], %s::date[], %s::bigint[]) AS f (account_id, day, contract_id)
WHERE d.account_id = f.account_id AND d.day = f.day AND d.contract_id = f.contract_id"""


def write(lines: Sequence[Line], rows: Collection[Row], products: Mapping[int, int]) -> int:
    """Put these rows in the place of all that these lines had; return how many are others now.

    Accounts of which a problem came or went get a new version: cached notes stand on it.
    """
    given: dict[str, Any] = {
        "account": [line.account_id for line in lines],
        "contract": [line.contract_id for line in lines],
        "since": [line.since or date.min for line in lines],
        "product": [products[line.contract_id] for line in lines],
        "problems": list(PROBLEMS),
    }
    with connection.cursor() as cursor:
        cursor.execute(_BESIDE, given)
        flagged, flipped = _flagged(rows, cursor.fetchall())
        cursor.execute(
            "CREATE TEMPORARY TABLE IF NOT EXISTS staged_day "
            "(LIKE ledger_reconciledday INCLUDING DEFAULTS) ON COMMIT DELETE ROWS"
        )
        cursor.execute("TRUNCATE staged_day")
        with cursor.copy(f"COPY staged_day ({_COLUMNS}) FROM STDIN") as copy:
            for row in flagged:
                copy.write_row(row)
        cursor.execute(_STIRRED, given)
        stirred = dict(cursor.fetchall())
        cursor.execute(_FORGET, given)
        changed: int = cursor.rowcount
        cursor.execute(_KEEP)
        changed += cursor.rowcount
        if flipped:
            cursor.execute(_FLAG, [list(column) for column in zip(*flipped, strict=True)])
            changed += cursor.rowcount
        if stirred:
            running = first_running(clock.now())
            cursor.execute(
                "WITH held AS (SELECT id FROM trader_platforms WHERE id = ANY(%s) ORDER BY id "
                "FOR NO KEY UPDATE) UPDATE trader_platforms a SET "
                "books_version = books_version + 1, "
                "settled_version = settled_version + (a.id = ANY(%s))::int "
                "FROM held WHERE a.id = held.id",
                [list(stirred), [one for one, day in stirred.items() if day < running]],
            )
    return changed


def _flagged(
    rows: Collection[Row], beside: Collection[tuple[Any, ...]]
) -> tuple[list[Row], list[tuple[int, date, int]]]:
    """Flag calendar spreads; return the rows, and the places of others whose flag turns."""
    held: dict[tuple[int, int, date], list[Held]] = defaultdict(list)
    for row in rows:
        if row.position and row.open_since_ns is not None:
            held[row.account_id, row.product_id, row.day].append(
                Held(row.contract_id, row.position, row.open_since_ns, row.opened_as_leg)
            )
    for account, day, contract, product, position, opened, is_leg, _ in beside:
        if opened is not None:
            held[account, product, day].append(Held(contract, position, opened, is_leg))
    found = {
        (account, day, contract)
        for (account, _, day), some in held.items()
        if len(some) > 1
        for contract in spreads(some)
    }
    flagged = [
        row._replace(is_spread=True) if (row.account_id, row.day, row.contract_id) in found else row
        for row in rows
    ]
    flipped = [
        (account, day, contract)
        for account, day, contract, _, _, _, _, was in beside
        if ((account, day, contract) in found) != was
    ]
    return flagged, flipped
