"""Trades of a copy into the books, and the days that they make."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from ledger import succession
from ledger.copying.file import CopyRefused
from ledger.copying.market import contracts_moved
from ledger.copying.tables import TRADE_COLUMNS
from ledger.fold.write import DAY_COLUMNS, DAY_SUMS
from ledger.succession import Gone

_LOST = """
SELECT count(*) FROM copied_trades t WHERE NOT EXISTS (
    SELECT FROM copied_accounts a WHERE a.id = t.account_id
) OR NOT EXISTS (SELECT FROM copied_here h WHERE h.id = t.contract_id)"""
_RENUMBER = """
UPDATE copied_trades t SET contract_id = h.contract_id, product_id = h.product_id
FROM copied_here h WHERE h.id = t.contract_id"""
_UNMAKE = f"""
DELETE FROM ledger_trade t USING copied_accounts a
WHERE a.id = t.account_id AND t.is_copied
    AND (%(since)s::date IS NULL OR t.closed_on >= %(since)s)
    AND NOT EXISTS (
        SELECT FROM copied_trades s WHERE s.account_id = t.account_id AND s.id = t.id
    )
RETURNING {", ".join(f"t.{name}" for name in Gone._fields[:16])}"""  # noqa: S608  constant names
_NAMES = TRADE_COLUMNS.split(", ")
_MAKE = f"""
WITH made AS (
    INSERT INTO ledger_trade AS t ({TRADE_COLUMNS}, is_copied)
    SELECT {TRADE_COLUMNS}, true FROM copied_trades
    ON CONFLICT (account_id, id) DO UPDATE SET ({TRADE_COLUMNS})
        = ({", ".join(f"excluded.{name}" for name in _NAMES)})
    WHERE ({", ".join(f"t.{name}" for name in _NAMES)})
        IS DISTINCT FROM ({", ".join(f"excluded.{name}" for name in _NAMES)})
    RETURNING t.account_id, t.xmax = 0 AS is_new
)
SELECT account_id, count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new)
FROM made GROUP BY 1 ORDER BY 1"""  # noqa: S608  constant names
# A trade that is gone, and the one that was open for most of its time.
_HEIRS = """
SELECT DISTINCT ON (g.id) g.id, t.id
FROM unnest(%s::uuid[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[])
    AS g (id, account_id, contract_id, opened_ns, closed_ns)
JOIN ledger_trade t ON t.account_id = g.account_id AND t.contract_id = g.contract_id
    AND t.is_copied AND t.closed_ns >= g.opened_ns AND t.opened_ns <= g.closed_ns
ORDER BY g.id, least(t.closed_ns, g.closed_ns) - greatest(t.opened_ns, g.opened_ns) DESC,
    t.opened_ns, t.id"""
_DAYS = f"""
DROP TABLE IF EXISTS copied_days;
CREATE TEMPORARY TABLE copied_days (LIKE ledger_dayresult) ON COMMIT DROP;
INSERT INTO copied_days ({DAY_COLUMNS}) {DAY_SUMS}
FROM ledger_trade t JOIN copied_accounts a ON a.id = t.account_id WHERE t.is_copied
GROUP BY t.account_id, t.contract_id, t.product_id, t.closed_on;
ANALYZE copied_days"""
_KEY = "(d.account_id, d.day, d.contract_id)"
_FORGET_DAYS = f"""
DELETE FROM ledger_dayresult d USING copied_accounts a
WHERE a.id = d.account_id AND NOT EXISTS (
    SELECT FROM copied_days s WHERE {_KEY} = (s.account_id, s.day, s.contract_id)
) RETURNING d.account_id, d.day"""  # noqa: S608  constant names
_DAY_NAMES = DAY_COLUMNS.split(", ")
_WRITE_DAYS = f"""
INSERT INTO ledger_dayresult AS d ({DAY_COLUMNS}) SELECT {DAY_COLUMNS} FROM copied_days
ON CONFLICT (account_id, day, contract_id) DO UPDATE SET ({DAY_COLUMNS})
    = ({", ".join(f"excluded.{name}" for name in _DAY_NAMES)})
WHERE ({", ".join(f"d.{name}" for name in _DAY_NAMES)})
    IS DISTINCT FROM ({", ".join(f"excluded.{name}" for name in _DAY_NAMES)})
RETURNING d.account_id, d.day"""  # noqa: S608  constant names


class Booked(NamedTuple):
    """How many trades came, changed and went, and the accounts whose books are others now."""

    new: int
    changed: int
    gone: int
    accounts: list[int]


def book(*, since: date | None, at: datetime) -> Booked:
    """Put the staged trades in the place of those that a copy brought before; their ids are kept.

    since  the copy tells of trades that closed from this day on; those before stay
    """
    with connection.cursor() as cursor:
        cursor.execute(_LOST)
        if lost := cursor.fetchone()[0]:
            raise CopyRefused(f"{lost} trades of the copy lack their account or contract")
        if contracts_moved(cursor):
            cursor.execute(_RENUMBER)
        cursor.execute("ANALYZE copied_trades")
        cursor.execute(_UNMAKE, {"since": since})
        gone = [Gone(*row) for row in cursor.fetchall()]
        cursor.execute(_MAKE)
        made = cursor.fetchall()
    touched = {row[0] for row in made} | {one.account_id for one in gone}
    _follow(gone)
    days = _write_days()
    changed = sorted(touched | set(days))
    _tell(changed, days, at)
    return Booked(sum(row[1] for row in made), sum(row[2] for row in made), len(gone), changed)


def _follow(gone: Sequence[Gone]) -> None:
    """Let what was written about trades that are gone go to those that stand in their place."""
    succession.settle(gone, heirs=_heirs)


def _heirs(gone: Sequence[Gone]) -> dict[UUID, UUID]:
    columns = [
        [getattr(one, name) for one in gone]
        for name in ("id", "account_id", "contract_id", "opened_ns", "closed_ns")
    ]
    with connection.cursor() as cursor:
        cursor.execute(_HEIRS, columns)
        return dict(cursor.fetchall())


def _write_days() -> dict[int, date]:
    """Make the day results of copied trades; return the first changed day of each account."""
    with connection.cursor() as cursor:
        cursor.execute(_DAYS)
        cursor.execute(_FORGET_DAYS)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        cursor.execute(_WRITE_DAYS)
        rows += cursor.fetchall()
    first: dict[int, date] = {}
    for account, day in rows:
        first[account] = min(day, first.get(account, day))
    return first


def _tell(changed: Sequence[int], days: dict[int, date], at: datetime) -> None:
    """Let cached answers end, and have the changed days looked at."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE trader_platforms SET books_version = books_version + 1, "
            "settled_version = settled_version + 1, books_at = greatest(books_at, %s) "
            "WHERE id = ANY(%s)",
            [at, list(changed)],
        )
        cursor.execute(
            "INSERT INTO ledger_reconciledue (account_id, since) "
            "SELECT * FROM unnest(%s::bigint[], %s::date[])",
            [list(days), list(days.values())],
        )
