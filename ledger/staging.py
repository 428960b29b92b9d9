"""New fills by COPY into a temporary table, then into the books in one set-based step."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import connection

from common.clock import NS_PER_DAY, from_ns
from common.fields import MONEY_PLACES, PRICE_PLACES, to_scaled
from ledger.history.because import Cause, Key
from ledger.models import Reason, State
from ledger.states import first_state
from ledger.succession import FillKey
from ledger.words import NewFill, Place

_COLUMNS = (
    "account_id, exec_id, leg_index, ref_exec_id, root_exec_id, action, kind, synthetic, "
    "instrument_id, contract_id, side, quantity, price, executed_ns, received_ns, fees, "
    "position_effect, state, reason"
)
_STAGE = """
CREATE TEMPORARY TABLE IF NOT EXISTS staged_fill (
    account_id bigint, exec_id text COLLATE "C", leg_index smallint, ref_exec_id text COLLATE "C",
    root_exec_id text COLLATE "C", action text, kind text, synthetic boolean, instrument_id text,
    contract_id bigint, side smallint, quantity integer, price bigint, executed_ns bigint,
    received_ns bigint, fees bigint, position_effect text, state text, reason text, line integer
) ON COMMIT DELETE ROWS"""
# Of a batch with repeats in itself alone: kept up row by row it costs more than all else here.
_ONCE = """
CREATE INDEX IF NOT EXISTS staged_fill_once ON staged_fill (account_id, exec_id, leg_index)"""
_MANY = 20_000
_FACTS = ("action", "ref_exec_id", "side", "quantity", "price", "executed_ns", "instrument_id")
_STORED = """
SELECT s.line, ({other}) IS DISTINCT FROM ({own}) FROM staged_fill s
JOIN ledger_fill o ON o.account_id = s.account_id AND o.exec_id = s.exec_id
    AND o.leg_index = s.leg_index"""
# The earlier row of the same identity: stored, or standing before it in the batch.
_OTHER = """
SELECT s.line, ({other}) IS DISTINCT FROM ({own}) FROM staged_fill s
CROSS JOIN LATERAL (
    SELECT * FROM (
        SELECT -1 AS line, {facts} FROM ledger_fill f WHERE f.account_id = s.account_id
            AND f.exec_id = s.exec_id AND f.leg_index = s.leg_index
        UNION ALL
        SELECT d.line, {facts} FROM staged_fill d WHERE d.account_id = s.account_id
            AND d.exec_id = s.exec_id AND d.leg_index = s.leg_index AND d.line < s.line
    ) e ORDER BY line LIMIT 1
) o"""

_LATE = """
SELECT s.account_id, s.contract_id, s.executed_ns, s.exec_id, s.leg_index, s.action
FROM staged_fill s LEFT JOIN unnest(%s::bigint[], %s::bigint[], %s::bigint[])
    AS b (account_id, contract_id, ns)
    ON b.account_id = s.account_id AND b.contract_id = s.contract_id
WHERE s.state = %s AND (s.executed_ns < b.ns OR s.received_ns / %s > s.executed_ns / %s)
    AND (SELECT f.state FROM ledger_fill f WHERE f.account_id = s.account_id
            AND f.exec_id = s.exec_id AND f.leg_index = s.leg_index) = 'usable'"""


def stage(fills: Sequence[NewFill], point_values: Mapping[int, bool]) -> None:
    """Copy a batch into the temporary table of this transaction."""
    with connection.cursor() as cursor:
        cursor.execute(_STAGE)
        cursor.execute("TRUNCATE staged_fill")
        with cursor.copy(f"COPY staged_fill ({_COLUMNS}, line) FROM STDIN") as copy:
            for line, fill in enumerate(fills):
                copy.write_row(_row(line, fill, point_values))
        if len(fills) > _MANY:  # a fresh table has no statistics; smaller ones do not need them
            cursor.execute("ANALYZE staged_fill")


def drop_repeats(fills: Sequence[NewFill]) -> tuple[int, list[int]]:
    """Take the rows already known out of the batch.

    fills    the batch that is staged
    returns  how many, and the lines among them that contradict what is known
    """
    own = ", ".join(f"s.{name}" for name in _FACTS)
    other = ", ".join(f"o.{name}" for name in _FACTS)
    once = len({(fill.account_id, fill.exec_id, fill.leg_index) for fill in fills}) == len(fills)
    with connection.cursor() as cursor:
        if not once:
            cursor.execute(_ONCE)
        known_by = _STORED if once else _OTHER
        cursor.execute(known_by.format(own=own, other=other, facts=", ".join(_FACTS)))
        known = cursor.fetchall()
        if known:
            cursor.execute(
                "DELETE FROM staged_fill WHERE line = ANY(%s)", [[line for line, _ in known]]
            )
    return len(known), [line for line, differs in known if differs]


def insert(at: datetime) -> tuple[int, int]:
    """Write the rest of the batch into the books; return how many rows, and how many wait."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO ledger_fill ({_COLUMNS}, stored_at) "  # noqa: S608  constant names
            f"SELECT {_COLUMNS}, %s FROM staged_fill ORDER BY account_id, line",
            [at],
        )
        new = cursor.rowcount
        cursor.execute("SELECT count(*) FROM staged_fill WHERE state = %s", [State.WAITING])
        return new, cursor.fetchone()[0]


def waiting_days() -> list[tuple[int, int, date]]:
    """Return (account, contract, first UTC day) of new fills that wait for a point value."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT account_id, contract_id, min(executed_ns) FROM staged_fill
            WHERE state = %s AND contract_id IS NOT NULL GROUP BY 1, 2""",
            [State.WAITING],
        )
        return [
            (account, contract, from_ns(ns).date()) for account, contract, ns in cursor.fetchall()
        ]


def fresh() -> dict[FillKey, bool]:
    """Return the fills that this batch brought: before it none of them counted."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT account_id, exec_id, leg_index FROM staged_fill")
        return {FillKey(*row): False for row in cursor.fetchall()}


def late(booked: Mapping[Key, int]) -> list[Cause]:
    """Return the new usable fills that are no plain growth of the books.

    Growth comes after the last fill booked, at `booked`, of its account and contract, and was
    received by the provider on its own UTC day.
    """
    columns = [[key[0] for key in booked], [key[1] for key in booked], list(booked.values())]
    with connection.cursor() as cursor:
        cursor.execute(_LATE, [*columns, State.USABLE, NS_PER_DAY, NS_PER_DAY])
        return [
            Cause._make((*row[:5], Reason.CORRECTION if row[5] == "correct" else Reason.LATE))
            for row in cursor.fetchall()
        ]


def touched() -> list[Place]:
    """Return the earliest new usable fill of each account and contract."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT DISTINCT ON (account_id, contract_id)
                account_id, contract_id, executed_ns, received_ns, exec_id, leg_index
            FROM staged_fill WHERE state = %s
            ORDER BY account_id, contract_id, executed_ns, received_ns, exec_id, leg_index""",
            [State.USABLE],
        )
        return [Place(*row) for row in cursor.fetchall()]


def _row(line: int, fill: NewFill, point_values: Mapping[int, bool]) -> tuple[Any, ...]:
    known = fill.contract_id is not None and point_values.get(fill.contract_id, False)
    state, reason = first_state(fill, has_point_value=known)
    scaled: Callable[[Any, int], int | None] = lambda value, places: (  # noqa: E731
        None if value is None else to_scaled(value, places)
    )
    return (
        fill.account_id,
        fill.exec_id,
        fill.leg_index,
        fill.ref_exec_id,
        fill.ref_exec_id or fill.exec_id,
        fill.action,
        fill.kind,
        fill.synthetic,
        fill.instrument_id,
        fill.contract_id,
        fill.side,
        fill.quantity,
        scaled(fill.price, PRICE_PLACES),
        fill.executed_ns,
        fill.received_ns,
        scaled(fill.fees, MONEY_PLACES),
        fill.position_effect,
        state.value,
        reason,
        line,
    )
