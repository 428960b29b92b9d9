"""From the books into columns: where to begin, and the fills from there on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from django.db import connection

from calc.matching import Fills
from common.clock import NS_PER_DAY
from ledger.arrays import array
from ledger.fold.facts import Facts
from ledger.words import Place

FOREVER = 2**63 - 1  # nanoseconds since 1970
_PLACES = (
    "unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::text[], %s::int[]) "
    "WITH ORDINALITY AS g (account_id, contract_id, ns, received_ns, exec_id, leg_index, n)"
)
_BOUNDED = _PLACES.replace(") WITH", ", %s::bigint[]) WITH").replace(", n)", ", until_ns, n)")
_STARTS = f"""
SELECT t.closed_ns, t.closed_received_ns, t.closed_exec_id, t.closed_leg_index, t.closed_used,
    t.closed_on
FROM {_PLACES}
LEFT JOIN LATERAL (
    SELECT * FROM ledger_trade t
    WHERE t.account_id = g.account_id AND t.contract_id = g.contract_id AND NOT t.is_copied
        AND t.closed_ns <= g.ns
        AND (t.closed_ns, t.closed_received_ns, t.closed_exec_id, t.closed_leg_index)
            < (g.ns, g.received_ns, g.exec_id COLLATE "C", g.leg_index)
    ORDER BY t.closed_ns DESC, t.closed_received_ns DESC, t.closed_exec_id COLLATE "C" DESC,
        t.closed_leg_index DESC
    LIMIT 1
) t ON true
ORDER BY g.n"""  # noqa: S608  constant text
_FROM = f"""
FROM {_BOUNDED}
JOIN ledger_fill f ON f.account_id = g.account_id AND f.contract_id = g.contract_id
    AND f.executed_ns >= g.ns AND f.executed_ns <= g.until_ns
    AND (f.executed_ns, f.received_ns, f.exec_id, f.leg_index)
        >= (g.ns, g.received_ns, g.exec_id COLLATE "C", g.leg_index)
WHERE f.state = 'usable'"""
_FILLS = f"""
SELECT g.n - 1, f.side * f.quantity, f.price, f.fees, f.executed_ns, f.received_ns, f.exec_id,
    f.leg_index, f.root_exec_id
{_FROM}
ORDER BY g.n, f.executed_ns, f.received_ns, f.exec_id, f.leg_index"""


@dataclass(frozen=True, slots=True)
class Start:
    """Where the fold of one account and contract begins.

    place   the last fill that stays booked, or the very beginning
    used    contracts of that fill that its trade took; the rest opens the next trade
    day     UTC day of that fill: day results from here on are written anew; None = all
    """

    place: Place
    used: int
    day: date | None


@dataclass(frozen=True, slots=True)
class Read:
    """Columns for the matching, and the identity of each row."""

    fills: Fills
    used: np.ndarray[Any, Any]
    executed_ns: list[int]
    received_ns: list[int]
    exec_id: list[str]
    leg_index: list[int]
    root_exec_id: list[str]
    group: list[int]


def find_starts(places: Sequence[Place]) -> list[Start]:
    """Return, for each place, the end of the last trade before it. 1 query."""
    with connection.cursor() as cursor:
        cursor.execute(_STARTS, _columns(places))
        found = cursor.fetchall()
    return [
        Start(Place(*place[:2]), 0, None)
        if row[0] is None
        else Start(Place(*place[:2], *row[:4]), row[4], row[5])
        for place, row in zip(places, found, strict=True)
    ]


def read_fills(
    starts: Sequence[Start], facts: Facts, *, until: Sequence[int] | None = None
) -> Read:
    """Read the usable fills from each start on, in order; untold fees by schedule. 1 query.

    until    the last nanosecond since 1970 to read, one per start; None = all
    """
    bounds = [FOREVER] * len(starts) if until is None else list(until)
    with connection.cursor() as cursor:
        cursor.execute(_FILLS, [*_columns([start.place for start in starts]), array(bounds)])
        rows = cursor.fetchall()
    used = np.zeros(len(starts), dtype=np.int64)
    kept = []
    for row in rows:
        start = starts[row[0]]
        if row[4:8] == start.place[2:]:  # the last booked fill: only what a flip left of it
            if abs(row[1]) == start.used:
                continue
            used[row[0]] = start.used
        kept.append(row)
    columns = list(zip(*kept, strict=True)) if kept else [()] * 9
    group, signed, price, told, executed, received, exec_id, leg, root = map(list, columns)
    days = [ns // NS_PER_DAY for ns in executed]
    fees = [
        facts.fee(starts[n].place.account_id, starts[n].place.contract_id, day) * abs(contracts)
        if fee is None
        else fee
        for n, fee, day, contracts in zip(group, told, days, signed, strict=True)
    ]
    # The matching wants groups without gaps: a group may have lost all its fills.
    present = sorted(set(group))
    dense = {n: i for i, n in enumerate(present)}
    fills = Fills(
        group=_int64([dense[n] for n in group]),
        signed=_int64(signed),
        price=_int64(price),
        fees=_int64(fees),
        day=_int64(days),
    )
    return Read(fills, used[present], executed, received, exec_id, leg, root, present)


def count_fills(starts: Sequence[Start], *, until: int) -> int:
    """Return how many fills `read_fills` would read up to a nanosecond since 1970. 1 query."""
    bounds = [until] * len(starts)
    with connection.cursor() as cursor:
        given = [*_columns([start.place for start in starts]), array(bounds)]
        cursor.execute(f"SELECT count(*) {_FROM}", given)
        return int(cursor.fetchone()[0])


def _int64(values: list[int]) -> np.ndarray[Any, Any]:
    return np.array(values, dtype=np.int64)


def _columns(places: Sequence[Place]) -> list[Any]:
    *numbers, exec_ids, legs = zip(*places, strict=True)
    return [*map(array, numbers), list(exec_ids), array(legs)]
