"""Which lines an account had on some days: what it traded, and what it held."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple
from uuid import UUID

import numpy as np
from django.db import connection

from common.clock import NS_PER_DAY
from ledger.arrays import array
from ledger.candles.course import Course, Line, follow
from ledger.words import Place

# Cycles of a line never overlap: the first to end after the start is the first that can be there.
_LINES = """
SELECT g.n - 1, p.contract_id
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[])
    WITH ORDINALITY AS g (account_id, since_ns, until_ns, n)
JOIN ledger_position p ON p.account_id = g.account_id
WHERE p.last_ns >= g.since_ns AND (
    SELECT t.opened_ns FROM ledger_trade t
    WHERE t.account_id = p.account_id AND t.contract_id = p.contract_id AND NOT t.is_copied
        AND t.closed_ns >= g.since_ns
    ORDER BY t.closed_ns, t.opened_ns LIMIT 1
) < g.until_ns OR p.quantity <> 0 AND p.opened_ns < g.until_ns
ORDER BY p.account_id, p.contract_id, g.since_ns"""
_TRADES = """
SELECT t.id, t.account_id, t.contract_id, t.opened_ns, t.opened_received_ns, t.opened_exec_id,
    t.opened_leg_index, t.closed_ns
FROM unnest(%s::bigint[], %s::uuid[]) AS g (account_id, id)
JOIN ledger_trade t ON t.account_id = g.account_id AND t.id = g.id
WHERE NOT t.is_copied ORDER BY t.id"""
TradeKey = tuple[int, UUID]  # account and trade: by the trade alone no index finds it


class Stretch(NamedTuple):
    """UTC days of one account; days since 1970, both included."""

    account_id: int
    first: int
    last: int


def lines_of(stretches: Collection[Stretch]) -> list[Line]:
    """Return what the accounts traded or held in these stretches of days. 1 query."""
    asked = sorted(stretches)
    given = [
        array(one.account_id for one in asked),
        array(one.first * NS_PER_DAY for one in asked),
        array((one.last + 1) * NS_PER_DAY for one in asked),
    ]
    with connection.cursor() as cursor:
        cursor.execute(_LINES, given)
        rows = cursor.fetchall()
    return [
        Line.of_days(asked[n].account_id, contract, asked[n].first, asked[n].last)
        for n, contract in rows
    ]


def lines_of_trades(trades: Collection[TradeKey]) -> dict[UUID, Line]:
    """Return each trade as a line of its own; copied ones have no fills. 1 query."""
    with connection.cursor() as cursor:
        cursor.execute(
            _TRADES, [array(account for account, _ in trades), array(pk for _, pk in trades)]
        )
        rows = cursor.fetchall()
    return {
        pk: Line(
            Place(account, contract, opened, received, exec_id, leg),
            closed,
            opened // NS_PER_DAY,
            closed // NS_PER_DAY,
        )
        for pk, account, contract, opened, received, exec_id, leg, closed in rows
    }


def own_runs(wanted: dict[UUID, Line]) -> Course | None:
    """Return the runs of these trades, one line each, in their order."""
    course = follow(list(wanted.values()))
    if course is None:
        return None
    read, first = course.named, course.first[course.cycle]
    own = [
        (read.executed_ns[row], read.received_ns[row], read.exec_id[row], read.leg_index[row])
        == course.lines[line].place[2:]
        for row, line in zip(first.tolist(), course.runs.line.tolist(), strict=True)
    ]
    mine = np.array(own, bool) & course.closed[course.cycle]
    return course.kept(mine) if mine.any() else None
