"""What is due: rows of CandlesDue, whose days they are, and what is left of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import connection

from ledger.candles.made import Desk
from ledger.fold.facts import day_of

PAUSE_SECONDS = 600  # until a day that could not be made is tried again
AT_ONCE = 1_000  # rows about contracts that are told of accounts in one statement
_READY = "marked_at <= greatest(%(at)s, clock_timestamp())"
_FIRST, _LAST = date(1678, 1, 1), date(2262, 1, 1)  # nanoseconds reach no further
_NS = "* 86400000000000::bigint"
# Who held a contract on days whose bars changed. Where it was held on when they ended, they also
# mark the next day on which the line has a bar or a fill.
_TELL = f"""
WITH told AS (
    DELETE FROM ledger_candlesdue WHERE id = ANY (ARRAY(
        SELECT id FROM ledger_candlesdue WHERE account_id IS NULL AND {_READY}
        ORDER BY marked_at, id LIMIT {AT_ONCE} FOR UPDATE SKIP LOCKED
    )) RETURNING contract_id, since, until, marked_at
), span AS (
    SELECT *, (greatest(since, %(first)s::date) - date '1970-01-01') {_NS} AS start_ns,
        (least(coalesce(until, %(last)s::date), %(last)s::date) - date '1970-01-01' + 1) {_NS}
            AS end_ns
    FROM told
), ours AS (
    INSERT INTO ledger_candlesdue (account_id, contract_id, since, until, marked_at)
    SELECT p.account_id, s.contract_id, s.since, greatest(s.until, n.next), min(s.marked_at)
    FROM span s JOIN ledger_position p ON p.contract_id = s.contract_id
    CROSS JOIN LATERAL (
        SELECT p.quantity <> 0 AND p.opened_ns < s.end_ns AS is_open, (
            SELECT t.opened_ns FROM ledger_trade t
            WHERE t.account_id = p.account_id AND t.contract_id = p.contract_id
                AND NOT t.is_copied AND t.closed_ns >= s.start_ns
            ORDER BY t.closed_ns, t.opened_ns LIMIT 1
        ) < s.end_ns AS was_there, (
            SELECT t.opened_ns FROM ledger_trade t
            WHERE t.account_id = p.account_id AND t.contract_id = p.contract_id
                AND NOT t.is_copied AND t.closed_ns >= s.end_ns
            ORDER BY t.closed_ns, t.opened_ns LIMIT 1
        ) < s.end_ns AS went_on
    ) h
    LEFT JOIN LATERAL (
        SELECT least((
            SELECT (b.start_at AT TIME ZONE 'UTC')::date FROM futures_bar b
            WHERE b.contract_id = s.contract_id
                AND b.start_at >= (s.until + 1)::timestamp AT TIME ZONE 'UTC'
            ORDER BY b.start_at LIMIT 1
        ), (
            SELECT date '1970-01-01' + (f.executed_ns / 86400000000000)::int FROM ledger_fill f
            WHERE f.account_id = p.account_id AND f.contract_id = p.contract_id
                AND f.executed_ns >= s.end_ns AND f.state = 'usable'
            ORDER BY f.executed_ns LIMIT 1
        )) AS next
    ) n ON s.until IS NOT NULL AND (h.is_open OR h.went_on)
    WHERE h.is_open OR h.was_there
    GROUP BY 1, 2, 3, 4
)
SELECT count(*) FROM told"""  # noqa: S608  constant text
_WHOSE = f"""
SELECT account_id FROM ledger_candlesdue WHERE account_id IS NOT NULL AND {_READY}
GROUP BY account_id ORDER BY min(marked_at), min(id) LIMIT %(most)s"""  # noqa: S608  constant text
_DESKS = """
SELECT trader_id, is_sim, id FROM trader_platforms
WHERE (trader_id, is_sim) IN (
    SELECT trader_id, is_sim FROM trader_platforms WHERE id = ANY(%s)
) ORDER BY id FOR NO KEY UPDATE"""
_DUE = f"""
SELECT id, account_id, contract_id, since, until FROM ledger_candlesdue
WHERE account_id = ANY(%(accounts)s) AND {_READY} ORDER BY id"""  # noqa: S608  constant text
# Days on which there may be a row, or is one: of fills, of what was held while there were bars,
# and of rows of the account or of those that it is merged with. Each contract's day is looked up in
# the bars once, for everybody; as EXISTS the planner joins by the contract alone, and compares each
# day with all bars of the contract. What is held has no days after its contract's last bar: none at
# all without a bar.
_DAYS = """
WITH asked AS (
    SELECT *, (since - date '1970-01-01') * 86400000000000::bigint AS start_ns,
        (until - date '1970-01-01' + 1) * 86400000000000::bigint AS end_ns
    FROM unnest(%(account)s::bigint[], %(contract)s::bigint[], %(since)s::date[],
        %(until)s::date[]) WITH ORDINALITY AS g (account_id, contract_id, since, until, n)
), held AS (
    SELECT a.n, t.contract_id,
        greatest(a.since, date '1970-01-01' + (t.opened_ns / 86400000000000)::int) AS low,
        least(a.until, t.closed_on) AS high
    FROM asked a JOIN ledger_trade t ON t.account_id = a.account_id
        AND (a.contract_id IS NULL OR t.contract_id = a.contract_id)
        AND t.closed_ns >= a.start_ns AND t.opened_ns < a.end_ns AND NOT t.is_copied
        AND t.opened_ns < (t.closed_on - date '1970-01-01') * 86400000000000::bigint
    UNION ALL
    SELECT a.n, p.contract_id,
        greatest(a.since, date '1970-01-01' + (p.opened_ns / 86400000000000)::int),
        least(a.until, (b.start_at AT TIME ZONE 'UTC')::date)
    FROM asked a JOIN ledger_position p ON p.account_id = a.account_id
        AND (a.contract_id IS NULL OR p.contract_id = a.contract_id)
        AND p.quantity <> 0 AND p.opened_ns < a.end_ns
    CROSS JOIN LATERAL (
        SELECT start_at FROM futures_bar WHERE contract_id = p.contract_id
        ORDER BY start_at DESC LIMIT 1
    ) b
), spent AS MATERIALIZED (
    SELECT DISTINCT h.n, h.contract_id, day::date AS day FROM held h
    CROSS JOIN LATERAL generate_series(h.low::timestamp, h.high, interval '1 day') AS day
), quoted AS MATERIALIZED (
    SELECT contract_id, day FROM (SELECT DISTINCT contract_id, day FROM spent) d
    WHERE (
        SELECT true FROM futures_bar b WHERE b.contract_id = d.contract_id
            AND b.start_at >= d.day::timestamp AT TIME ZONE 'UTC'
            AND b.start_at < (d.day + 1)::timestamp AT TIME ZONE 'UTC'
        LIMIT 1
    )
)
SELECT n - 1, day - date '1970-01-01' FROM (
    SELECT a.n, d.day FROM asked a JOIN ledger_dayresult d ON d.account_id = a.account_id
        AND d.day BETWEEN a.since AND a.until
        AND (a.contract_id IS NULL OR d.contract_id = a.contract_id)
    UNION
    SELECT s.n, s.day FROM spent s JOIN quoted q USING (contract_id, day)
    UNION
    SELECT a.n, c.day FROM asked a
    JOIN trader_platforms p ON p.id = a.account_id
    JOIN trader_platforms o ON o.trader_id = p.trader_id AND o.is_sim = p.is_sim
    JOIN ledger_daycandle c ON c.account_id = o.id AND c.day BETWEEN a.since AND a.until
        AND (a.contract_id IS NULL OR c.product_id IN (
            SELECT product_id FROM futures_contract WHERE id = a.contract_id))
) found ORDER BY 1, 2"""


class Due(NamedTuple):
    """Days of an account, in a contract or in all (None); until None is without end."""

    pk: int
    account_id: int
    contract_id: int | None
    since: date
    until: date | None

    def has(self, day: int) -> bool:
        return self.since <= day_of(day) and (self.until is None or day_of(day) <= self.until)


def tell_accounts(at: datetime) -> int:
    """Turn rows about contracts into rows about those who held them; return how many. 1 query."""
    with connection.cursor() as cursor:
        cursor.execute(_TELL, {"at": at, "first": _FIRST, "last": _LAST})
        told: int = cursor.fetchone()[0]
    return told


def accounts_in_turn(at: datetime, most: int) -> list[int]:
    """Return accounts that have something due, who waited longest first. 1 query."""
    with connection.cursor() as cursor:
        cursor.execute(_WHOSE, {"at": at, "most": most})
        return [account for (account,) in cursor.fetchall()]


def lock_desks(account_ids: Collection[int]) -> list[Desk]:
    """Hold the accounts of the same traders and kind until the transaction ends. 1 query.

    One that comes to a trader meanwhile is not among them: that it came marks its days anew.
    """
    desks: dict[tuple[int, bool], list[int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_DESKS, [sorted(account_ids)])
        for trader_id, is_sim, account_id in cursor.fetchall():
            desks.setdefault((trader_id, is_sim), []).append(account_id)
    return [tuple(accounts) for accounts in desks.values()]


def due_of(desks: Iterable[Desk], at: datetime) -> list[Due]:
    """Return what is due for these accounts. 1 query."""
    accounts = [account for desk in desks for account in desk]
    with connection.cursor() as cursor:
        cursor.execute(_DUE, {"accounts": accounts, "at": at})
        return [Due(*row) for row in cursor.fetchall()]


def days_of(dues: Sequence[Due]) -> list[list[int]]:
    """Return the days (since 1970, rising) on which each of them has something to make. 1 query."""
    found: list[list[int]] = [[] for _ in dues]
    given: dict[str, Any] = {
        "account": [due.account_id for due in dues],
        "contract": [due.contract_id for due in dues],
        "since": [min(max(due.since, _FIRST), _LAST) for due in dues],
        "until": [max(min(due.until or _LAST, _LAST), _FIRST) for due in dues],
    }
    with connection.cursor() as cursor:
        cursor.execute(_DAYS, given)
        for n, day in cursor.fetchall():
            found[n].append(day)
    return found


def settle(done: Collection[int], left: Collection[tuple[int, int]]) -> None:
    """Take away what is made; of the others only the days up to the one told are left. 2 queries.

    left  (id, last day to make, since 1970): their turn comes after that of all others
    """
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM ledger_candlesdue WHERE id = ANY(%s)", [list(done)])
        cursor.execute(
            "UPDATE ledger_candlesdue d SET until = g.until, marked_at = clock_timestamp() "
            "FROM unnest(%s::bigint[], %s::date[]) AS g (id, until) WHERE d.id = g.id",
            [[pk for pk, _ in left], [day_of(day) for _, day in left]],
        )


def put_off(dues: Iterable[Due], day: int, at: datetime) -> None:
    """Let one day wait until later and the days before it go on. 3 queries."""
    these = [due for due in dues if due.has(day)]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_candlesdue (account_id, contract_id, since, until, marked_at) "
            "SELECT account_id, contract_id, %s, %s, "
            "greatest(%s, clock_timestamp()) + make_interval(secs => %s) FROM ("
            "SELECT DISTINCT account_id, contract_id FROM ledger_candlesdue WHERE id = ANY(%s)) d",
            [day_of(day), day_of(day), at, PAUSE_SECONDS, [due.pk for due in these]],
        )
    over = [due.pk for due in these if due.since == day_of(day)]
    settle(over, [(due.pk, day - 1) for due in these if due.since < day_of(day)])
