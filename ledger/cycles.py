"""What open positions were opened with; of closed trades the rows of `Trade` tell it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from django.db import connection

from common.fields import PRICE_PLACES, from_scaled
from ledger.arrays import array


@dataclass(frozen=True, slots=True)
class OpenCycle:
    """A position since it was opened, in the words of the trade that it will be.

    quantity     contracts, sum of the opening fills so far
    entry_price  points, their quantity-weighted average
    """

    trade_id: UUID
    contract: str
    side: int
    quantity: int
    opened_ns: int
    entry_price: Decimal
    fill_count: int


# Of a fill that crossed zero only a part opened the position: what the others do not explain.
_CYCLES = """
SELECT p.trade_id, c.name, sign(p.quantity)::int, p.opened_ns, p.fill_count,
    abs(p.quantity) + f.closed, f.opened - abs(p.quantity) - f.closed, f.points, f.first_price
FROM ledger_position p JOIN futures_contract c ON c.id = p.contract_id
CROSS JOIN LATERAL (
    SELECT
        coalesce(sum(quantity) FILTER (WHERE side <> sign(p.quantity)), 0)::bigint AS closed,
        sum(quantity) FILTER (WHERE side = sign(p.quantity))::bigint AS opened,
        sum(quantity * price::numeric) FILTER (WHERE side = sign(p.quantity)) AS points,
        (array_agg(price ORDER BY place DESC))[1] AS first_price
    FROM (
        SELECT side, quantity, price, row_number() OVER newest_first AS place FROM ledger_fill
        WHERE account_id = p.account_id AND contract_id = p.contract_id AND state = 'usable'
        WINDOW newest_first AS (
            ORDER BY executed_ns DESC, received_ns DESC, exec_id DESC, leg_index DESC
        )
        ORDER BY place LIMIT p.fill_count
    ) own
) f
WHERE p.account_id = ANY(%s) AND p.quantity <> 0 AND p.trade_id = ANY(%s)"""


def open_cycles(account_ids: Collection[int], trade_ids: Collection[UUID]) -> dict[UUID, OpenCycle]:
    """Return the open positions of these accounts that will be these trades. 1 query."""
    with connection.cursor() as cursor:
        cursor.execute(_CYCLES, [array(account_ids), array(trade_ids)])
        rows = cursor.fetchall()
    found = {}
    for trade_id, contract, side, opened_ns, fills, quantity, earlier, points, first in rows:
        average = round(Fraction(int(points) - earlier * first, quantity))
        found[trade_id] = OpenCycle(
            trade_id, contract, side, quantity, opened_ns,
            from_scaled(average, PRICE_PLACES), fills,
        )  # fmt: skip
    return found
