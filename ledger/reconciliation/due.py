"""What must be checked: what changed, and what time alone brings."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection

from common.clock import from_ns, to_ns
from ledger.reconciliation.facts import Line
from ledger.reconciliation.words import GRACE, ReadTo

# The whole line, where nothing before the day is known to be flat.
_LINES = """
SELECT g.account_id, g.contract_id, (
    SELECT d.day + 1 FROM ledger_reconciledday d
    WHERE d.account_id = g.account_id AND d.contract_id = g.contract_id AND d.day < g.since
        AND d.position = 0
    ORDER BY d.day DESC LIMIT 1
) FROM ({}) g ORDER BY 1, 2"""
_CONTRACTS = """
SELECT account_id, contract_id FROM ledger_position WHERE account_id = ANY(%(accounts)s)
UNION SELECT account_id, contract_id FROM ledger_dayresult WHERE account_id = ANY(%(accounts)s)
UNION SELECT account_id, contract_id FROM ledger_reconciledday WHERE account_id = ANY(%(accounts)s)
UNION SELECT account_id, contract_id FROM ledger_reportedposition
    WHERE account_id = ANY(%(accounts)s)
UNION SELECT account_id, contract_id FROM ledger_secondfill WHERE account_id = ANY(%(accounts)s)
UNION SELECT account_id, contract_id FROM ledger_trade WHERE account_id = ANY(%(accounts)s)
UNION SELECT account_id, contract_id FROM ledger_fill
    WHERE account_id = ANY(%(accounts)s) AND contract_id IS NOT NULL
        AND state IN ('usable', 'waiting')"""
_TAKE = f"""
WITH taken AS (
    DELETE FROM ledger_reconciledue WHERE account_id = ANY(%(accounts)s)
    RETURNING account_id, contract_id, since
), whole AS (
    SELECT account_id, min(since) AS since FROM taken WHERE contract_id IS NULL GROUP BY 1
)
SELECT account_id, contract_id, since FROM taken WHERE contract_id IS NOT NULL
UNION ALL
SELECT c.account_id, c.contract_id, w.since FROM ({_CONTRACTS}) c JOIN whole w USING (account_id)
"""  # noqa: S608  constant text
_EVERY = f"SELECT c.*, %(since)s::date AS since FROM ({_CONTRACTS}) c"  # noqa: S608  constants
_MARK = "INSERT INTO ledger_reconciledue (account_id, contract_id, since) "
_NEW_DAY = f"""{_MARK}
SELECT p.account_id, p.contract_id, %(today)s FROM ledger_position p
WHERE p.quantity <> 0 AND p.account_id <> ALL(%(but)s) AND NOT EXISTS (
    SELECT FROM ledger_reconciledday d WHERE d.account_id = p.account_id AND d.day = %(today)s
        AND d.contract_id = p.contract_id
)"""  # noqa: S608  constant text
_PASSING = f"""{_MARK}
SELECT account_id, contract_id, min(day) FROM ledger_reconciledday
WHERE is_passing AND account_id <> ALL(%(but)s) GROUP BY 1, 2"""  # noqa: S608  constant text
# Days that were thought to be read, while the reading stands still.
_BEHIND = f"""{_MARK}
SELECT d.account_id, d.contract_id, min(d.day)
FROM unnest(%s::bigint[], %s::date[]) AS b (account_id, day)
JOIN ledger_reconciledday d ON d.account_id = b.account_id AND d.day BETWEEN b.day AND %s
WHERE NOT d.is_passing GROUP BY 1, 2"""  # noqa: S608  constant text


def accounts() -> list[int]:
    """Return all accounts. 1 query."""
    return [account for (account,) in _rows("SELECT id FROM trader_platforms ORDER BY id", [])]


def mark_what_time_brings(at: datetime, marks: Mapping[int, ReadTo]) -> None:
    """Mark lines that are open on a new day, or whose days are being read. At most 3 queries."""
    given: dict[str, Any] = {
        "today": at.date(),
        "but": [account for account, mark in marks.items() if not mark.is_history_in],
    }
    with connection.cursor() as cursor:
        cursor.execute(_NEW_DAY, given)
        cursor.execute(_PASSING, given)
        over = from_ns(to_ns(at - GRACE)).date() - timedelta(days=1)
        behind = [
            (account, day)
            for account, mark in marks.items()
            if mark.is_history_in and (day := from_ns(mark.ns).date()) <= over
        ]
        if behind:
            cursor.execute(_BEHIND, [*map(list, zip(*behind, strict=True)), over])


def accounts_in_turn(most: int, but: Collection[int]) -> list[int]:
    """Return accounts that have something due, who waited longest first. 1 query."""
    return [
        account
        for (account,) in _rows(
            "SELECT account_id FROM ledger_reconciledue WHERE account_id <> ALL(%s) "
            "GROUP BY 1 ORDER BY min(id) LIMIT %s",
            [list(but), most],
        )
    ]


def take(account_ids: Collection[int]) -> list[Line]:
    """Take away what is due for these accounts; return it, each line once. 2 queries."""
    first: dict[tuple[int, int], date] = {}
    for account, contract, since in _rows(_TAKE, {"accounts": list(account_ids)}):
        first[account, contract] = min(since, first.get((account, contract), since))
    if not first:
        return []
    keys = [list(column) for column in zip(*first, strict=True)]
    asked = (
        "SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::date[]) "
        "AS t (account_id, contract_id, since)"
    )
    return [Line(*row) for row in _rows(_LINES.format(asked), [*keys, list(first.values())])]


def all_lines(account_ids: Collection[int], since: date | None) -> list[Line]:
    """Return every line of these accounts, from the last day before `since` that ended flat."""
    given = {"accounts": list(account_ids), "since": since}
    return [Line(*row) for row in _rows(_LINES.format(_EVERY), given)]


def _rows(sql: str, given: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
