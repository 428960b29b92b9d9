"""A group's sums by day and product: that they stay few, and whether they hold.

Triggers keep them with every change of a day result, and of whose group counts an account
(`PlatformAccount.rolled_group_id`), in the transaction that makes it.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import structlog
from django.db import connection, transaction

from common import locks
from ledger.models import MendedSums
from traders.models import Group

log = structlog.get_logger(__name__)

_LOCK = "ledger.group_days"  # of who makes few rows of many, or mends
# All rows of a key of which one came after its sum become one row, or none.
_COMPACT = """
WITH loose AS (
    SELECT DISTINCT group_id, day, {leaf} FROM {table} WHERE NOT is_sum
), gone AS (
    DELETE FROM {table} d USING loose l
    WHERE d.group_id = l.group_id AND d.day = l.day AND d.{leaf} = l.{leaf}
    RETURNING d.group_id, d.day, d.{leaf}, d.pnl_usd, d.trade_count
)
INSERT INTO {table} (group_id, day, {leaf}, pnl_usd, trade_count, is_sum)
SELECT group_id, day, {leaf}, sum(pnl_usd), sum(trade_count), true
FROM gone GROUP BY 1, 2, 3 HAVING sum(pnl_usd) <> 0 OR sum(trade_count) <> 0"""
# What is missing is the same in every snapshot, for each transaction changes results and sums
# alike: nobody has to be held while it is looked for.
_MEND = """
INSERT INTO ledger_groupday (group_id, day, product_id, pnl_usd, trade_count)
SELECT %(group)s::bigint, day, product_id, sum(pnl_usd), sum(trade_count)
FROM (
    SELECT day, product_id, -pnl_usd AS pnl_usd, -trade_count AS trade_count
    FROM ledger_groupday WHERE group_id = %(group)s
    UNION ALL
    SELECT d.day, d.product_id, d.pnl_usd, d.trade_count
    FROM trader_platforms a JOIN ledger_dayresult d ON d.account_id = a.id
    WHERE a.rolled_group_id = %(group)s AND d.trade_count > 0
) s GROUP BY day, product_id HAVING sum(pnl_usd) <> 0 OR sum(trade_count) <> 0"""


@transaction.atomic
def compact() -> int:
    """Make one row of all that a key has; return how many rows were written."""
    return compacted("ledger_groupday", leaf="product_id") if locks.try_hold(_LOCK) else 0


def compacted(table: str, *, leaf: str) -> int:
    """Make one row of all that a group, day and leaf have; return how many rows were written.

    Readers see the rows before or the row after, and what others add meanwhile stays. The caller
    sees to it that nobody else does the same.
    """
    with connection.cursor() as cursor:
        cursor.execute(_COMPACT.format(table=table, leaf=leaf))
        return int(cursor.rowcount)


def mend() -> tuple[int, ...]:
    """Hold each group's sums against the day results, beside the running house.

    Return the groups whose sums were others; they are right now.
    """
    wrong = tuple(one for one in Group.objects.order_by("id").values_list("id", flat=True)
                  if _mended(one))  # fmt: skip
    if wrong:
        log.error("group_days_mended", groups=wrong)
    return wrong


@transaction.atomic
def note(*, days: Collection[int], tags: Collection[int], at: datetime) -> None:
    """Write down the groups whose sums a check found wrong, in the place of the check before."""
    found = {MendedSums.Kind.DAYS: days, MendedSums.Kind.TAGS: tags}
    MendedSums.objects.all().delete()
    MendedSums.objects.bulk_create(
        MendedSums(group_id=group_id, kind=kind, at=at)
        for kind, group_ids in found.items()
        for group_id in group_ids
    )


@transaction.atomic
def _mended(group_id: int) -> bool:
    locks.hold(_LOCK)
    with connection.cursor() as cursor:
        cursor.execute(_MEND, {"group": group_id})
        return bool(cursor.rowcount)
