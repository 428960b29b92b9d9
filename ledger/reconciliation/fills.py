"""The fills of one day of an account in a contract, with what became of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import connection

from common.clock import NS_PER_DAY, from_ns
from common.fields import PRICE_PLACES, from_scaled
from ledger.fold.facts import number_of


@dataclass(frozen=True, slots=True)
class FillLine:
    """A reported row and how it counts.

    state, reason  usable, replaced, void, excluded or waiting; why, unless it is usable
    position       contracts after it, signed; None where it does not count
    trade_ids      of the trades that hold it, the earlier first: two where it turned a position
                   round; () for a usable fill is a skipped one. What is open has its id already
    """

    exec_id: str
    leg_index: int
    executed_at: datetime
    executed_ns: int
    received_at: datetime
    received_ns: int
    action: str
    kind: str
    ref_exec_id: str | None
    side: int
    quantity: int
    price: Decimal
    state: str
    reason: str
    position: int | None
    trade_ids: tuple[UUID, ...]


_KEY = "executed_ns, received_ns, exec_id, leg_index"
_FILLS = f"""
WITH own AS (
    SELECT *, CASE WHEN state = 'usable' THEN (
        coalesce((
            SELECT sum(side * quantity::bigint) FROM ledger_fill
            WHERE account_id = %(account)s AND contract_id = %(contract)s
                AND executed_ns < %(start)s AND state = 'usable'
        ), 0) + sum(side * quantity::bigint) FILTER (WHERE state = 'usable') OVER in_order
    )::bigint END AS after
    FROM ledger_fill
    WHERE account_id = %(account)s AND contract_id = %(contract)s
        AND executed_ns >= %(start)s AND executed_ns < %(end)s
    WINDOW in_order AS (ORDER BY {_KEY})
)
SELECT f.exec_id, f.leg_index, f.executed_ns, f.received_ns, f.action, f.kind, f.ref_exec_id,
    f.side, f.quantity, f.price, f.state, f.reason, f.after, coalesce(t.ids, '{{}}'),
    CASE WHEN p.quantity <> 0 AND f.after <> 0 AND (t.ids IS NULL OR turned) AND NOT EXISTS (
        SELECT FROM ledger_trade l WHERE l.account_id = %(account)s
            AND l.contract_id = %(contract)s AND l.closed_ns >= f.executed_ns AND NOT l.is_copied
            AND (l.closed_ns, l.closed_received_ns, l.closed_exec_id, l.closed_leg_index)
                > (f.executed_ns, f.received_ns, f.exec_id, f.leg_index)
    ) THEN p.trade_id END
FROM own f
LEFT JOIN LATERAL (
    SELECT array_agg(l.id ORDER BY l.closed_ns, l.closed_received_ns, l.closed_exec_id) AS ids,
        bool_or(l.closed_exec_id = f.exec_id AND l.closed_leg_index = f.leg_index) AS turned
    FROM ledger_trade l
    WHERE f.state = 'usable' AND l.account_id = %(account)s AND l.contract_id = %(contract)s
        AND NOT l.is_copied AND l.closed_ns >= f.executed_ns AND l.opened_ns <= f.executed_ns
        AND (l.opened_ns, l.opened_received_ns, l.opened_exec_id, l.opened_leg_index)
            <= (f.executed_ns, f.received_ns, f.exec_id, f.leg_index)
        AND (l.closed_ns, l.closed_received_ns, l.closed_exec_id, l.closed_leg_index)
            >= (f.executed_ns, f.received_ns, f.exec_id, f.leg_index)
) t ON true
LEFT JOIN ledger_position p ON f.state = 'usable' AND p.account_id = %(account)s
    AND p.contract_id = %(contract)s AND p.opened_ns <= f.executed_ns
ORDER BY f.executed_ns, f.received_ns, f.exec_id, f.leg_index"""  # noqa: S608  constant text


def fills_of(*, account_id: int, contract_id: int, day: date) -> tuple[FillLine, ...]:
    """Return all rows that were reported of a UTC day, those that do not count too, in order.

    Rows of an instrument that is not known yet belong to no contract: they wait elsewhere. 1 query.
    """
    start = number_of(day) * NS_PER_DAY
    given = {
        "account": account_id, "contract": contract_id, "start": start, "end": start + NS_PER_DAY,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_FILLS, given)
        rows = cursor.fetchall()
    return tuple(
        FillLine(
            exec_id, leg, from_ns(executed), executed, from_ns(received), received, action, kind,
            ref, side, quantity, from_scaled(price, PRICE_PLACES), state, reason, after,
            (*ids, *([held] if held is not None else [])),
        )
        for exec_id, leg, executed, received, action, kind, ref, side, quantity, price, state,
            reason, after, ids, held in rows
    )  # fmt: skip
