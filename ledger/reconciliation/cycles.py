"""Fills against the trades and the open position that tell them.

It shares nothing with the fold: running sums of usable fills in their order say which cycles there
are, and each must be told by a trade, or by the open position, from its first fill to its last.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any, NamedTuple

from django.db import connection

from ledger.reconciliation.words import DAY, LINES, Key

_KEY = "executed_ns, received_ns, exec_id, leg_index"
_TOO_LARGE = 4_000_000_000  # of a contract's currency: the books hold such results back

# A fill that crosses zero is two parts: the last of one cycle and the first of the next.
_FILLS = f"""
WITH line AS (SELECT * FROM {LINES}), fill AS (
    SELECT f.account_id, f.contract_id, f.executed_ns, f.received_ns, f.exec_id, f.leg_index,
        f.kind, f.price, f.side * f.quantity::bigint AS signed,
        (sum(f.side * f.quantity::bigint) OVER in_order)::bigint AS after
    FROM line l JOIN ledger_fill f ON f.account_id = l.account_id
        AND f.contract_id = l.contract_id AND f.executed_ns >= l.start_ns AND f.state = 'usable'
    WINDOW in_order AS (
        PARTITION BY f.account_id, f.contract_id
        ORDER BY f.executed_ns, f.received_ns, f.exec_id, f.leg_index
    )
), step AS (
    SELECT *, after = signed OR sign(after) * sign(after - signed) < 0 AS opens,
        after <> signed AND (after = 0 OR sign(after) <> sign(after - signed)) AS closes
    FROM fill
), numbered AS (
    SELECT *, count(*) FILTER (WHERE opens) OVER (
        PARTITION BY account_id, contract_id ORDER BY {_KEY}
    ) AS cycle FROM step
), part AS (
    SELECT account_id, contract_id, {_KEY}, kind, price, closes, opens AND NOT closes AS opens,
        CASE WHEN opens AND closes THEN cycle - 1 ELSE cycle END AS cycle,
        CASE WHEN closes THEN signed - after ELSE signed END AS signed
    FROM numbered
    UNION ALL
    SELECT account_id, contract_id, {_KEY}, kind, price, false, true, cycle, after
    FROM numbered WHERE opens AND closes
), cycle AS (
    SELECT account_id, contract_id, cycle, bool_or(closes) AS is_closed, count(*) AS fill_count,
        sum(signed)::bigint AS held, max(sign(signed)) FILTER (WHERE opens)::int AS side,
        sum(abs(signed))::bigint AS volume, sum(-signed * price::numeric) AS points,
        max(abs(signed)) FILTER (WHERE closes)::bigint AS closed_used,
        max(executed_ns) FILTER (WHERE opens) AS opened_ns,
        max(exec_id) FILTER (WHERE opens) AS opened_exec_id,
        max(leg_index) FILTER (WHERE opens) AS opened_leg_index,
        bool_or(kind = 'leg') FILTER (WHERE opens) AS opened_as_leg,
        max(executed_ns) FILTER (WHERE closes) AS closed_ns,
        max(exec_id) FILTER (WHERE closes) AS closed_exec_id,
        max(leg_index) FILTER (WHERE closes) AS closed_leg_index
    FROM part GROUP BY 1, 2, 3
), told AS (
    SELECT c.*, t.id AS trade_id, coalesce(t.id IS NOT NULL OR p.quantity <> 0, false) AS is_there,
        CASE WHEN c.is_closed THEN coalesce(
            t.fill_count = c.fill_count AND t.side = c.side AND t.quantity = c.volume / 2
                AND t.closed_used = c.closed_used
                AND t.closed_on = date '1970-01-01' + (c.closed_ns / 86400000000000)::int
                AND count(*) OVER (PARTITION BY c.account_id, c.contract_id, c.cycle) = 1
                AND (t.pnl_usd IS NULL OR t.pnl_usd = t.gross_usd - t.fees_usd
                    AND (k.currency <> 'USD' OR greatest(abs(t.gross_usd - t.gross_native),
                        abs(t.fees_usd - t.fees_native)) <= c.fill_count))
                AND (abs(t.gross_native - c.points * k.point_value / 1000) <= 1
                    OR abs(c.points * k.point_value) > {_TOO_LARGE} * 1e9), false)
        ELSE coalesce(p.quantity = c.held AND p.fill_count = c.fill_count
            AND p.opened_ns = c.opened_ns, false) END AS is_right
    FROM cycle c JOIN futures_contract k ON k.id = c.contract_id
    LEFT JOIN ledger_trade t ON c.is_closed AND t.account_id = c.account_id
        AND t.contract_id = c.contract_id AND NOT t.is_copied
        AND t.closed_ns = c.closed_ns AND t.closed_exec_id = c.closed_exec_id
        AND t.closed_leg_index = c.closed_leg_index AND t.opened_ns = c.opened_ns
        AND t.opened_exec_id = c.opened_exec_id AND t.opened_leg_index = c.opened_leg_index
    LEFT JOIN ledger_position p ON NOT c.is_closed AND p.account_id = c.account_id
        AND p.contract_id = c.contract_id
), fill_day AS (
    SELECT account_id, contract_id, {DAY} AS day, count(*) AS fill_count,
        coalesce(sum(signed) FILTER (WHERE signed > 0), 0)::bigint AS bought,
        coalesce(-sum(signed) FILTER (WHERE signed < 0), 0)::bigint AS sold, max(cycle) AS cycle
    FROM numbered GROUP BY 1, 2, 3
), bad_day AS (
    SELECT p.account_id, p.contract_id, {DAY} AS day,
        count(DISTINCT (p.exec_id, p.leg_index)) AS uncovered,
        count(DISTINCT (p.exec_id, p.leg_index)) FILTER (WHERE t.is_there) AS wrong
    FROM told t JOIN part p ON p.account_id = t.account_id AND p.contract_id = t.contract_id
        AND p.cycle = t.cycle
    WHERE NOT t.is_right GROUP BY 1, 2, 3
), stray AS (
    SELECT t.account_id, t.contract_id, t.closed_on AS day
    FROM line l JOIN ledger_trade t ON t.account_id = l.account_id
        AND t.contract_id = l.contract_id AND t.closed_ns >= l.start_ns AND NOT t.is_copied
    WHERE NOT EXISTS (SELECT FROM told o WHERE o.trade_id = t.id AND o.account_id = t.account_id)
    UNION ALL
    SELECT p.account_id, p.contract_id, date '1970-01-01' + (p.last_ns / 86400000000000)::int
    FROM line l JOIN ledger_position p ON p.account_id = l.account_id
        AND p.contract_id = l.contract_id AND p.quantity <> 0 AND p.last_ns >= l.start_ns
    WHERE NOT EXISTS (
        SELECT FROM cycle c WHERE c.account_id = p.account_id AND c.contract_id = p.contract_id
            AND NOT c.is_closed)
), stray_day AS (
    SELECT account_id, contract_id, day, count(*) AS stray FROM stray GROUP BY 1, 2, 3
)
SELECT account_id, contract_id, day, coalesce(d.fill_count, 0), coalesce(d.bought, 0),
    coalesce(d.sold, 0), c.opened_ns, c.opened_exec_id, coalesce(c.opened_as_leg, false),
    coalesce(b.uncovered, 0), coalesce(b.wrong, 0), coalesce(s.stray, 0)
FROM fill_day d
LEFT JOIN bad_day b USING (account_id, contract_id, day)
FULL JOIN stray_day s USING (account_id, contract_id, day)
LEFT JOIN cycle c USING (account_id, contract_id, cycle)
ORDER BY 1, 2, 3"""  # noqa: S608  constant text


class FillDay(NamedTuple):
    """A day by its fills, and what is amiss with how the books tell them."""

    fill_count: int
    bought: int
    sold: int
    opened_ns: int | None
    opened_exec_id: str | None
    opened_as_leg: bool
    uncovered: int
    wrong: int
    stray: int


def fill_days(given: dict[str, Any]) -> dict[Key, dict[date, FillDay]]:
    """Return the days of these lines that have fills, or trades that no fills make. 1 query."""
    found: dict[Key, dict[date, FillDay]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(_FILLS, given)
        for account, contract, day, *told in cursor.fetchall():
            found[account, contract][day] = FillDay(*told)
    return found
