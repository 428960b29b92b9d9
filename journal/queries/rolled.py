"""A group's tagged trades from its sums by day, for whatever accounts are asked.

What is summed and what a viewer may see differ by few: who opted out a moment ago, who is new, whom
only an admin sees. Those are taken off, or added, trade by trade, in the one statement that reads
the sums: each answer is that of one moment, and to the cent what a join over all trades gives.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import Any, NamedTuple

from django.db import connection

from accounts.access import Accounts
from common.api import Period
from common.fields import MONEY_PLACES, from_scaled
from journal.queries.tagged import (
    BORNE,
    FIXED,
    IN_PERIOD,
    SetSum,
    sums_by_set,
    sums_by_set_and_day,
)
from traders.models import PlatformAccount

_TRIES = 3
_ROLLED = """
SELECT rolled_group_id, id FROM trader_platforms WHERE rolled_group_id IN (
    SELECT rolled_group_id FROM trader_platforms WHERE id = ANY(%s)
)"""
_SUMS = """
SELECT tags, pnl_usd, trade_count FROM journal_tagday
WHERE group_id = %(group)s AND day BETWEEN %(start)s AND %(end)s"""
_LESS = """
UNION ALL SELECT tags, -pnl_usd, -1 FROM journal_countedtrade
WHERE account_id = ANY(%(less)s) AND day BETWEEN %(start)s AND %(end)s"""
_MORE = f"""
UNION ALL SELECT tags, pnl_usd, 1
FROM ({BORNE.format(tag=FIXED, which=IN_PERIOD)}) t"""  # noqa: S608  constant names
# Also says whether the group's sums still count the accounts by which it was put together.
_READ = """
SELECT r.still, s.tags, s.pnl_usd, s.trade_count FROM (
    SELECT coalesce(array_agg(id ORDER BY id), '{{}}') = %(rolled)s::bigint[] AS still
    FROM trader_platforms WHERE rolled_group_id = %(group)s
) r LEFT JOIN (
    SELECT tags, sum(pnl_usd) AS pnl_usd, sum(trade_count)::bigint AS trade_count
    FROM ({parts}) p GROUP BY tags HAVING sum(trade_count) <> 0
) s ON true ORDER BY s.tags"""

# Trade by trade, for sums cannot tell how many traders are behind them; without the join still.
_ATOMS = """
SELECT r.still, s.day, s.tags, s.pnl_usd, s.trade_count, s.others FROM (
    SELECT count(*) = cardinality(%(rolled)s::bigint[]) AS still
    FROM trader_platforms WHERE id = ANY(%(rolled)s) AND rolled_group_id IS NOT NULL
) r LEFT JOIN (
    SELECT day, tags, sum(pnl_usd) AS pnl_usd, sum(trade_count)::bigint AS trade_count,
        count(*) FILTER (WHERE is_other) AS others
    FROM (
        SELECT p.day, p.tags, sum(p.pnl_usd) AS pnl_usd, count(*) AS trade_count,
            bool_or(a.id <> ALL(%(own)s::bigint[])) AS is_other
        FROM ({parts}) p JOIN trader_platforms a ON a.id = p.account_id
        GROUP BY p.day, p.tags, a.trader_id
    ) t GROUP BY day, tags
) s ON true ORDER BY s.day, s.tags"""
_COUNTED = """
SELECT account_id, day, tags, pnl_usd FROM journal_countedtrade
WHERE account_id = ANY(%(rolled)s) AND day BETWEEN %(start)s AND %(end)s"""
_JOINED = f"""
UNION ALL SELECT account_id, closed_on, tags, pnl_usd
FROM ({BORNE.format(tag=FIXED, which=IN_PERIOD)}) t"""  # noqa: S608  constant names


class Plan(NamedTuple):
    """Which group's sums to read, the accounts that they count, and what they lack or have over."""

    group_id: int
    rolled: list[int]
    less: list[int]
    more: list[int]

    @property
    def pays(self) -> bool:
        """Say whether it is less work than to join all trades."""
        return 2 * (len(self.less) + len(self.more)) <= len(self.rolled)


def sums_of_group(*, accounts: Accounts, period: Period) -> tuple[SetSum, ...]:
    """Return `sums_by_set` of fixed tags, from a group's sums where one has most of them.

    2 queries; joins where the sums do not help, or what they count keeps changing.
    """
    for _ in range(_TRIES):
        plan = _plan(accounts.ids)
        if plan is None or not plan.pays:
            break
        found = _read(plan, period)
        if found is not None:
            return found
    return sums_by_set(accounts=accounts, period=period, custom=False)


def atoms_of_group(
    *, accounts: Accounts, period: Period, own: tuple[int, ...]
) -> tuple[SetSum, ...]:
    """Return `sums_by_set_and_day`, from the trades that groups' sums count where they are.

    2 queries; joins where less than half are.
    """
    for _ in range(_TRIES):
        rolled = list(
            PlatformAccount.objects.filter(
                id__in=accounts.ids, rolled_group_id__isnull=False
            ).values_list("id", flat=True)
        )
        if 2 * len(rolled) < len(accounts.ids):
            break
        given: dict[str, Any] = {
            "rolled": rolled, "accounts": sorted(set(accounts.ids).difference(rolled)),
            "own": list(own), "start": period.start, "end": period.end,
        }  # fmt: skip
        parts = _COUNTED + (_JOINED if given["accounts"] else "")
        with connection.cursor() as cursor:
            cursor.execute(_ATOMS.format(parts=parts), given)
            rows = cursor.fetchall()
        if rows[0][0]:
            return tuple(
                SetSum(day, tuple(tags), from_scaled(pnl, MONEY_PLACES), trades, others)
                for _, day, tags, pnl, trades, others in rows
                if tags is not None
            )
    return sums_by_set_and_day(accounts=accounts, period=period, own=own)


def _plan(account_ids: Collection[int]) -> Plan | None:
    rolled: defaultdict[int, set[int]] = defaultdict(set)
    with connection.cursor() as cursor:
        cursor.execute(_ROLLED, [list(account_ids)])
        for group_id, account_id in cursor.fetchall():
            rolled[group_id].add(account_id)
    asked = set(account_ids)
    if not rolled:
        return None
    group_id = max(rolled, key=lambda one: (len(rolled[one] & asked), -one))
    theirs = rolled[group_id]
    return Plan(group_id, sorted(theirs), sorted(theirs - asked), sorted(asked - theirs))


def _read(plan: Plan, period: Period) -> tuple[SetSum, ...] | None:
    """Return the sums; None where others are counted now than by the plan."""
    parts = _SUMS + (_LESS if plan.less else "") + (_MORE if plan.more else "")
    given: dict[str, Any] = {
        "group": plan.group_id, "rolled": plan.rolled, "less": plan.less, "accounts": plan.more,
        "start": period.start, "end": period.end,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_READ.format(parts=parts), given)
        rows = cursor.fetchall()
    if not rows[0][0]:
        return None
    return tuple(
        SetSum(None, tuple(tags), from_scaled(pnl, MONEY_PLACES), trades, 0)
        for _, tags, pnl, trades in rows
        if tags is not None
    )
