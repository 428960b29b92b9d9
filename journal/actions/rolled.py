"""The sums of a group's tagged trades: whom they count, how they stay few, whether they hold.

Triggers keep them with every change to trades and tags. Whose trades they count is decided here,
and decides only how fast a reading is: it takes off and adds what differs. A group's sums by day
(`ledger.group_days`) count the same accounts, and are looked after along with these.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from django.db import connection, transaction

from accounts.access import shared_by_members
from common import locks
from journal.queries.tagged import BORNE, FIXED
from ledger import group_days
from ledger.actions import lock_accounts
from traders.models import Group, PlatformAccount

log = structlog.get_logger(__name__)

AT_ONCE = 10  # accounts in one transaction: what is held shortly, and adds few rows
_LOCK = "journal.rolled"  # before any account: of who changes what the sums count, or their rows
_BORNE = BORNE.format(tag=FIXED, which="")
_DROP = """
WITH gone AS (
    DELETE FROM journal_countedtrade WHERE account_id = ANY(%(accounts)s)
    RETURNING account_id, day, tags, pnl_usd
)
INSERT INTO journal_tagday (group_id, day, tags, pnl_usd, trade_count)
SELECT a.rolled_group_id, day, tags, -sum(pnl_usd), -count(*)
FROM gone JOIN trader_platforms a ON a.id = account_id
WHERE a.rolled_group_id IS NOT NULL GROUP BY 1, 2, 3"""
_TAKE = f"""
WITH made AS (
    INSERT INTO journal_countedtrade (account_id, trade_id, day, tags, pnl_usd)
    SELECT account_id, id, closed_on, tags, pnl_usd FROM ({_BORNE}) t
    RETURNING day, tags, pnl_usd
)
INSERT INTO journal_tagday (group_id, day, tags, pnl_usd, trade_count)
SELECT %(group)s::bigint, day, tags, sum(pnl_usd), count(*)
FROM made GROUP BY 1, 2, 3"""  # noqa: S608  constant names
# Accounts of which something is counted otherwise than it is.
_AMISS = f"""
SELECT DISTINCT account_id
FROM (
    SELECT account_id, trade_id, day, tags, pnl_usd FROM journal_countedtrade
    WHERE account_id = ANY(%(accounts)s)
) c FULL JOIN (
    SELECT b.account_id, b.id AS trade_id, b.closed_on AS day, b.tags, b.pnl_usd
    FROM ({_BORNE}) b
    JOIN trader_platforms a ON a.id = b.account_id WHERE a.rolled_group_id IS NOT NULL
) t USING (account_id, trade_id)
WHERE (c.day, c.tags, c.pnl_usd) IS DISTINCT FROM (t.day, t.tags, t.pnl_usd)
ORDER BY 1"""  # noqa: S608  constant names
_COUNTED = """
FROM journal_countedtrade c JOIN trader_platforms a ON a.id = c.account_id
WHERE a.rolled_group_id = %(group)s"""
_UNEVEN = f"""
SELECT 1 FROM (
    SELECT day, tags, pnl_usd, trade_count FROM journal_tagday WHERE group_id = %(group)s
    UNION ALL
    SELECT c.day, c.tags, -c.pnl_usd, -1 {_COUNTED}
) s GROUP BY day, tags HAVING sum(pnl_usd) <> 0 OR sum(trade_count) <> 0
LIMIT 1"""  # noqa: S608  constant names
_SUM_UP = f"""
INSERT INTO journal_tagday (group_id, day, tags, pnl_usd, trade_count, is_sum)
SELECT a.rolled_group_id, c.day, c.tags, sum(c.pnl_usd), count(*), true
{_COUNTED} GROUP BY 1, 2, 3"""


@dataclass(frozen=True, slots=True)
class Kept:
    """How many accounts came to, or left, a group's sums, and how many loose rows were summed."""

    accounts: int
    rows: int


@dataclass(frozen=True, slots=True)
class Mended:
    """Accounts that were counted wrongly, and groups whose sums were not those of what counts.

    days  groups whose sums by day were others
    """

    accounts: tuple[int, ...]
    groups: tuple[int, ...]
    days: tuple[int, ...] = ()


def keep() -> Kept:
    """Let the sums count whom members of the group see, and make few rows of many.

    Safe to run twice, even at once, and to stop.
    """
    theirs = {
        account_id: scope.group_id
        for scope in shared_by_members(Group.objects.all())
        for account_id in scope.accounts.ids
    }
    amiss: dict[int | None, list[int]] = {}
    for account_id, rolled in _rolled().items():
        if (group_id := theirs.get(account_id)) != rolled:
            amiss.setdefault(group_id, []).append(account_id)
    for group_id, account_ids in amiss.items():
        for some in _few(account_ids):
            roll(some, group_id=group_id)
    return Kept(sum(map(len, amiss.values())), compact())


@transaction.atomic
def roll(account_ids: Collection[int], *, group_id: int | None, anew: bool = False) -> None:
    """Count these accounts' trades in the sums of this group, or of none; from the trades on.

    anew  also where they are counted there already
    """
    locks.hold(_LOCK)
    lock_accounts(account_ids)
    if not anew:
        rolled = _rolled()
        account_ids = [one for one in account_ids if rolled.get(one) != group_id]
    given = {"accounts": sorted(account_ids), "group": group_id}
    with connection.cursor() as cursor:
        cursor.execute(_DROP, given)
        PlatformAccount.objects.filter(id__in=account_ids).update(rolled_group_id=group_id)
        if group_id is not None:
            cursor.execute(_TAKE, given)


@transaction.atomic
def compact() -> int:
    """Make one row of all that a key has, in both kinds of sums; return how many were written."""
    if not locks.try_hold(_LOCK):
        return 0
    return group_days.compacted("journal_tagday", leaf="tags") + group_days.compact()


def check() -> Mended:
    """Hold what is counted against the trades, and the sums against what is counted; mend both."""
    rolled = _rolled()
    wrong = [pk for some in _few([*rolled]) for (pk,) in _asked(_AMISS, accounts=list(some))]
    for account_id in wrong:
        roll([account_id], group_id=rolled[account_id], anew=True)
    groups = Group.objects.order_by("id").values_list("id", flat=True)
    uneven = [group_id for group_id in groups if _asked(_UNEVEN, group=group_id)]
    for group_id in uneven:
        _sum_up(group_id)
    if wrong or uneven:
        log.error("tag_sums_mended", accounts=wrong, groups=uneven)
    return Mended(tuple(wrong), tuple(uneven), group_days.mend())


def check_nightly(*, at: datetime) -> Mended:
    """Check, and leave what was mended to the watch, which tells the operator."""
    mended = check()
    homes = PlatformAccount.objects.filter(id__in=mended.accounts)
    by_tag = {*mended.groups, *homes.values_list("trader__group_id", flat=True)}
    group_days.note(days=mended.days, tags=by_tag, at=at)
    return mended


def rebuild(tell: Callable[[int, int], None] = lambda _done, _total: None) -> Kept:
    """Make all sums anew from trades and tags, mend those by day; beside the running house.

    tell  is told how many accounts are done, of how many
    """
    rolled = _rolled()
    for done, account_id in enumerate(rolled, 1):
        roll([account_id], group_id=rolled[account_id], anew=True)
        tell(done, len(rolled))
    for group_id in Group.objects.order_by("id").values_list("id", flat=True):
        _sum_up(group_id)
    group_days.mend()
    return keep()


@transaction.atomic
def _sum_up(group_id: int) -> None:
    """Make a group's sums anew from what is counted."""
    locks.hold(_LOCK)
    lock_accounts(
        PlatformAccount.objects.filter(rolled_group_id=group_id).values_list("id", flat=True)
    )
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM journal_tagday WHERE group_id = %s", [group_id])
        cursor.execute(_SUM_UP, {"group": group_id})


def _rolled() -> dict[int, int | None]:
    """Return all accounts, each with the group whose sums count it."""
    return dict(PlatformAccount.objects.order_by("id").values_list("id", "rolled_group_id"))


def _few(account_ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for first in range(0, len(account_ids), AT_ONCE):
        yield account_ids[first : first + AT_ONCE]


def _asked(statement: str, **given: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
