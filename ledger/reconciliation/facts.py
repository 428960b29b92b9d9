"""What a check goes by, read from the tables: fills against trades, and what others say."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.db import connection

from calc.reconciliation import LAG_NS, Seen
from common.clock import NS_PER_DAY
from ledger.fold.facts import number_of
from ledger.reconciliation.cycles import FillDay, fill_days
from ledger.reconciliation.sums import amiss
from ledger.reconciliation.words import DAY, LINES, Key, KeyDay

NEAR_DAYS = 2  # before a telling: what was executed then may have been reported after it
BEGINNING_NS = -(2**62)

# Those before the line's start count as well: the provider has them in its positions.
_WAITING = f"""
SELECT f.account_id, f.contract_id, {DAY} AS day, count(*), f.executed_ns < l.start_ns
FROM {LINES} JOIN ledger_fill f ON f.account_id = l.account_id
    AND f.contract_id = l.contract_id AND f.state = 'waiting'
GROUP BY 1, 2, 3, 5"""  # noqa: S608  constant text
_COPIED = f"""
SELECT t.account_id, t.contract_id, t.closed_on, count(*)
FROM {LINES} JOIN ledger_trade t ON t.account_id = l.account_id
    AND t.contract_id = l.contract_id AND t.closed_ns >= l.start_ns AND t.is_copied
GROUP BY 1, 2, 3"""  # noqa: S608  constant text
_SECOND = f"""
SELECT s.account_id, s.contract_id, s.day,
    coalesce(sum(s.quantity) FILTER (WHERE s.side > 0), 0)::bigint,
    coalesce(sum(s.quantity) FILTER (WHERE s.side < 0), 0)::bigint
FROM {LINES} JOIN ledger_secondfill s ON s.account_id = l.account_id
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
    FROM {LINES} JOIN ledger_reportedposition p ON p.account_id = l.account_id
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

    waited  fills that wait since before the line's start
    cover   the first and last day that a second feed covers, by account
    amiss   whose figures are not the sums of their trades
    """

    fills: dict[Key, dict[date, FillDay]]
    waiting: dict[KeyDay, int]
    waited: Counter[Key]
    copied: dict[KeyDay, int]
    second: dict[KeyDay, tuple[int, int]]
    cover: dict[int, tuple[date, date]]
    told: dict[KeyDay, Telling]
    amiss: set[KeyDay]

    def days(self) -> dict[Key, set[date]]:
        """Return the days of which anything is known."""
        found: dict[Key, set[date]] = defaultdict(set)
        for key, days in self.fills.items():
            found[key].update(days)
        for more in (self.waiting, self.copied, self.second, self.told, self.amiss):
            for account, contract, day in more:
                found[account, contract].add(day)
        return found


def read(lines: Sequence[Line]) -> Facts:
    """Read what is known of these lines. 7 queries; fills and trades by the same one."""
    given = {
        "account": [line.account_id for line in lines],
        "contract": [line.contract_id for line in lines],
        "start": [
            BEGINNING_NS if line.since is None else number_of(line.since) * NS_PER_DAY
            for line in lines
        ],
        "since": [line.since or date.min for line in lines],
    }
    accounts = sorted({line.account_id for line in lines})
    second = {row[:3]: row[3:] for row in _rows(_SECOND, given)}
    waiting: dict[KeyDay, int] = {}
    waited: Counter[Key] = Counter()
    for account, contract, day, count, is_before in _rows(_WAITING, given):
        if is_before:
            waited[account, contract] += count
        else:
            waiting[account, contract, day] = count
    return Facts(
        fills=fill_days(given),
        waiting=waiting,
        waited=waited,
        copied={row[:3]: row[3] for row in _rows(_COPIED, given)},
        second=second,
        cover={row[0]: row[1:] for row in _rows(_COVER, [accounts])},
        told={row[:3]: _telling(*row[3:]) for row in _rows(_TOLD, given)},
        amiss=amiss(given),
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
