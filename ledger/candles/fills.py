"""Fills of many lines at once, in columns without names, and the trades that they made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection

from calc.candles import Column
from calc.matching import Fills
from common.clock import NS_PER_DAY
from ledger.arrays import array
from ledger.fold.facts import Facts
from ledger.fold.read import Start

_UNTOLD = -(2**63)  # a fee
_NAMES = ("signed", "price", "fees", "executed_ns")
_ROW = np.dtype([(name, ">i8") for name in _NAMES])
UNKNOWN = -(2**63)  # mae or mfe; no books hold as much
_TRADE = np.dtype([("id", "V16"), ("mae", ">i8"), ("mfe", ">i8")])
_LINES = """unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::text[], %s::int[],
        %s::bigint[]) WITH ORDINALITY
        AS g (account_id, contract_id, ns, received_ns, exec_id, leg_index, until_ns, n)"""
# One packed value per line; the first fill may be the one that ended the trade before.
_FILLS = f"""
SELECT f.packed, f.has_start FROM {_LINES}
CROSS JOIN LATERAL (
    SELECT string_agg(
            int8send(f.side::bigint * f.quantity) || int8send(f.price)
                || int8send(coalesce(f.fees, {_UNTOLD})) || int8send(f.executed_ns),
            '' ORDER BY f.executed_ns, f.received_ns, f.exec_id, f.leg_index
        ) AS packed,
        bool_or((f.executed_ns, f.received_ns, f.exec_id, f.leg_index)
            = (g.ns, g.received_ns, g.exec_id COLLATE "C", g.leg_index)) AS has_start
    FROM ledger_fill f
    WHERE f.account_id = g.account_id AND f.contract_id = g.contract_id AND f.state = 'usable'
        AND f.executed_ns BETWEEN g.ns AND g.until_ns
        AND (f.executed_ns, f.received_ns, f.exec_id, f.leg_index)
            >= (g.ns, g.received_ns, g.exec_id COLLATE "C", g.leg_index)
) f
ORDER BY g.n"""  # noqa: S608  constant text
_TRADES = f"""
SELECT t.packed FROM {_LINES}
CROSS JOIN LATERAL (
    SELECT string_agg(uuid_send(t.id) || int8send(coalesce(t.mae_usd, {UNKNOWN}))
            || int8send(coalesce(t.mfe_usd, {UNKNOWN})), ''
        ORDER BY t.closed_ns, t.closed_received_ns, t.closed_exec_id, t.closed_leg_index
    ) AS packed
    FROM ledger_trade t
    WHERE t.account_id = g.account_id AND t.contract_id = g.contract_id AND NOT t.is_copied
        AND t.closed_ns BETWEEN g.ns AND g.until_ns
        AND (t.closed_ns, t.closed_received_ns, t.closed_exec_id, t.closed_leg_index)
            > (g.ns, g.received_ns, g.exec_id COLLATE "C", g.leg_index)
) t
ORDER BY g.n"""  # noqa: S608  constant text


@dataclass(frozen=True, slots=True, eq=False)
class Bare:
    """What the matching reads, as `ledger.fold.read.Read` has it, without names."""

    fills: Fills
    used: Column
    executed_ns: Column
    group: list[int]


def read_bare(starts: Sequence[Start], facts: Facts, until: Sequence[int]) -> Bare:
    """Read the usable fills from each start on, as `ledger.fold.read.read_fills`. 1 query."""
    with connection.cursor() as cursor:
        cursor.execute(_FILLS, _given(starts, until))
        found = cursor.fetchall()
    used = np.zeros(len(starts), np.int64)
    packed = []
    for n, (row, has_start) in enumerate(found):
        kept = bytes(row or b"")
        if has_start:  # only what a flip left of it
            contracts = abs(int.from_bytes(kept[:8], "big", signed=True))
            if contracts == starts[n].used:
                kept = kept[_ROW.itemsize :]
            else:
                used[n] = starts[n].used
        packed.append(kept)
    rows = np.frombuffer(b"".join(packed), _ROW)
    count = np.array([len(one) // _ROW.itemsize for one in packed], np.int64)
    present = np.flatnonzero(count)
    signed, price, fees, executed = (rows[name].astype(np.int64) for name in _NAMES)
    group = np.repeat(np.arange(len(present)), count[present])
    day = executed // NS_PER_DAY
    _schedule(fees, np.repeat(np.arange(len(count)), count), day, signed, starts, facts)
    return Bare(Fills(group, signed, price, fees, day), used[present], executed, present.tolist())


def read_trades(starts: Sequence[Start], until: Sequence[int]) -> tuple[Column, Column]:
    """Return the trades that end in these lines, in order, and how many end in each. 1 query.

    Columns `id` (16 bytes), `mae` and `mfe` (UNKNOWN where the books have none).
    """
    with connection.cursor() as cursor:
        cursor.execute(_TRADES, _given(starts, until))
        packed = [bytes(row or b"") for (row,) in cursor.fetchall()]
    count = np.array([len(one) // _TRADE.itemsize for one in packed], np.int64)
    return np.frombuffer(b"".join(packed), _TRADE), count


def _schedule(
    fees: Column, line: Column, day: Column, signed: Column, starts: Sequence[Start], facts: Facts
) -> None:
    """Put the scheduled fees where none were told."""
    rows = np.flatnonzero(fees == _UNTOLD)
    if not len(rows):
        return
    pairs, place = np.unique(np.stack([line[rows], day[rows]]), axis=1, return_inverse=True)
    sides = [
        facts.fee(starts[n].place.account_id, starts[n].place.contract_id, number)
        for n, number in pairs.T.tolist()
    ]
    fees[rows] = np.array(sides, np.int64)[place.reshape(-1)] * np.abs(signed[rows])


def _given(starts: Sequence[Start], until: Sequence[int]) -> list[Any]:
    *numbers, exec_ids, legs = zip(*(start.place for start in starts), strict=True)
    return [*map(array, numbers), list(exec_ids), array(legs), array(until)]
