"""What a check goes by, read from the tables: fills against trades, and what others say.

It shares nothing with the fold: running sums of usable fills in their order say which cycles there
are, and each must be told by a trade, or by the open position, from its first fill to its last.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple, TypeAlias

from django.db import connection

from calc.reconciliation import LAG_NS, Seen
from common.clock import NS_PER_DAY
from ledger.fold.facts import number_of

Key: TypeAlias = tuple[int, int]  # account, contract
KeyDay: TypeAlias = tuple[int, int, date]
NEAR_DAYS = 2  # before a telling: what was executed then may have been reported after it
BEGINNING_NS = -(2**62)

_LINES = (
    "unnest(%(account)s::bigint[], %(contract)s::bigint[], %(start)s::bigint[], "
    "%(since)s::date[]) AS l (account_id, contract_id, start_ns, since)"
)
_DAY = "date '1970-01-01' + (executed_ns / 86400000000000)::int"
_KEY = "executed_ns, received_ns, exec_id, leg_index"
_TOO_LARGE = 4_000_000_000  # of a contract's currency: the books hold such results back

# A fill that crosses zero is two parts: the last of one cycle and the first of the next.
_FILLS = f"""
WITH line AS (SELECT * FROM {_LINES}), fill AS (
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
    SELECT account_id, contract_id, {_DAY} AS day, count(*) AS fill_count,
        coalesce(sum(signed) FILTER (WHERE signed > 0), 0)::bigint AS bought,
        coalesce(-sum(signed) FILTER (WHERE signed < 0), 0)::bigint AS sold, max(cycle) AS cycle
    FROM numbered GROUP BY 1, 2, 3
), bad_day AS (
    SELECT p.account_id, p.contract_id, {_DAY} AS day,
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
_WAITING = f"""
SELECT f.account_id, f.contract_id, {_DAY} AS day, count(*)
FROM {_LINES} JOIN ledger_fill f ON f.account_id = l.account_id
    AND f.contract_id = l.contract_id AND f.executed_ns >= l.start_ns AND f.state = 'waiting'
GROUP BY 1, 2, 3"""  # noqa: S608  constant text
_COPIED = f"""
SELECT t.account_id, t.contract_id, t.closed_on, count(*)
FROM {_LINES} JOIN ledger_trade t ON t.account_id = l.account_id
    AND t.contract_id = l.contract_id AND t.closed_ns >= l.start_ns AND t.is_copied
GROUP BY 1, 2, 3"""  # noqa: S608  constant text
_SECOND = f"""
SELECT s.account_id, s.contract_id, s.day,
    coalesce(sum(s.quantity) FILTER (WHERE s.side > 0), 0)::bigint,
    coalesce(sum(s.quantity) FILTER (WHERE s.side < 0), 0)::bigint
FROM {_LINES} JOIN ledger_secondfill s ON s.account_id = l.account_id
    AND s.contract_id = l.contract_id AND s.day >= l.since
GROUP BY 1, 2, 3"""  # noqa: S608  constant text
# The last day that a second feed tells is whole if it came when the day was over.
_COVER = """
SELECT a.id, f.day, CASE WHEN n.stored_at >= (n.day + 1)::timestamp AT TIME ZONE 'UTC'
    THEN n.day ELSE n.day - 1 END
FROM unnest(%s::bigint[]) AS a (id)
CROSS JOIN LATERAL (
    SELECT day FROM ledger_secondfill WHERE account_id = a.id ORDER BY day LIMIT 1
) f
CROSS JOIN LATERAL (
    SELECT day, max(stored_at) AS stored_at FROM ledger_secondfill
    WHERE account_id = a.id GROUP BY day ORDER BY day DESC LIMIT 1
) n"""
# Of a telling: when, what, and the fills of the two days before it: what they sum to up to the
# line's start, those well before the moment, and one by one those near it by either clock.
_TOLD = f"""
SELECT r.account_id, r.contract_id, r.day, r.quantity, r.at_ns,
    coalesce(f.before, 0)::bigint, coalesce(f.settled, 0)::bigint, f.executed, f.received, f.signed,
    EXISTS (
        SELECT FROM ledger_fill c JOIN ledger_fill o ON o.account_id = c.account_id
            AND o.exec_id = c.ref_exec_id
        WHERE c.account_id = r.account_id AND c.ref_exec_id IS NOT NULL
            AND c.received_ns > r.at_ns - {LAG_NS} AND o.executed_ns <= r.at_ns
            AND o.contract_id = r.contract_id
    )
FROM (
    SELECT l.account_id, l.contract_id, l.start_ns, p.day, p.quantity,
        (p.day - {NEAR_DAYS} - date '1970-01-01') * {NS_PER_DAY}::bigint AS low_ns,
        (extract(epoch FROM p.taken_at) * 1000000)::bigint * 1000 AS at_ns
    FROM {_LINES} JOIN ledger_reportedposition p ON p.account_id = l.account_id
        AND p.contract_id = l.contract_id AND p.day >= l.since AND p.taken_at IS NOT NULL
) r
CROSS JOIN LATERAL (
    SELECT sum(signed) FILTER (WHERE executed_ns < r.start_ns) AS before,
        sum(signed) FILTER (WHERE NOT is_near) AS settled,
        array_agg(executed_ns ORDER BY executed_ns, exec_id) FILTER (WHERE is_near) AS executed,
        array_agg(received_ns ORDER BY executed_ns, exec_id) FILTER (WHERE is_near) AS received,
        array_agg(signed ORDER BY executed_ns, exec_id) FILTER (WHERE is_near) AS signed
    FROM (
        SELECT executed_ns, received_ns, exec_id, side * quantity::bigint AS signed,
            greatest(executed_ns, received_ns) > r.at_ns - {LAG_NS} AS is_near
        FROM ledger_fill f WHERE f.account_id = r.account_id AND f.contract_id = r.contract_id
            AND f.executed_ns BETWEEN r.low_ns AND r.at_ns + {LAG_NS} AND f.state = 'usable'
    ) own
) f"""  # noqa: S608  constant text


class Line(NamedTuple):
    """One account in one contract, from a UTC day on which it began flat.

    since  None = from its first fill on
    """

    account_id: int
    contract_id: int
    since: date | None

    @property
    def key(self) -> Key:
        return self[:2]


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


class Telling(NamedTuple):
    """A position that the provider told.

    before   sum of the fills, of the days before it that are looked at, that lie before the line
    settled  sum of those that both clocks place well before the moment; near: the others
    """

    quantity: int
    at_ns: int
    before: int
    settled: int
    near: tuple[Seen, ...]
    is_changed_since: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of some lines, by account, contract and day.

    cover  the first and last day that a second feed covers, by account
    """

    fills: dict[Key, dict[date, FillDay]]
    waiting: dict[KeyDay, int]
    copied: dict[KeyDay, int]
    second: dict[KeyDay, tuple[int, int]]
    cover: dict[int, tuple[date, date]]
    told: dict[KeyDay, Telling]

    def days(self) -> dict[Key, set[date]]:
        """Return the days of which anything is known."""
        found: dict[Key, set[date]] = defaultdict(set)
        for key, days in self.fills.items():
            found[key].update(days)
        for more in (self.waiting, self.copied, self.second, self.told):
            for account, contract, day in more:
                found[account, contract].add(day)
        return found


def read(lines: Sequence[Line]) -> Facts:
    """Read what is known of these lines. 6 queries; fills and trades by the same one."""
    given = {
        "account": [line.account_id for line in lines],
        "contract": [line.contract_id for line in lines],
        "start": [
            BEGINNING_NS if line.since is None else number_of(line.since) * NS_PER_DAY
            for line in lines
        ],
        "since": [line.since or date.min for line in lines],
    }
    fills: dict[Key, dict[date, FillDay]] = defaultdict(dict)
    for account, contract, day, *told in _rows(_FILLS, given):
        fills[account, contract][day] = FillDay(*told)
    accounts = sorted({line.account_id for line in lines})
    second = {row[:3]: row[3:] for row in _rows(_SECOND, given)}
    return Facts(
        fills=fills,
        waiting={row[:3]: row[3] for row in _rows(_WAITING, given)},
        copied={row[:3]: row[3] for row in _rows(_COPIED, given)},
        second=second,
        cover={row[0]: row[1:] for row in _rows(_COVER, [accounts])},
        told={row[:3]: _telling(*row[3:]) for row in _rows(_TOLD, given)},
    )


def _telling(
    quantity: int,
    at_ns: int,
    before: int,
    settled: int,
    executed: list[int] | None,
    received: list[int] | None,
    signed: list[int] | None,
    is_changed_since: bool,
) -> Telling:
    near = tuple(map(Seen, executed or (), received or (), signed or ()))
    return Telling(quantity, at_ns, before, settled, near, is_changed_since)


def _rows(sql: str, given: Any) -> Iterable[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
