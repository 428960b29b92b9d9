"""What tagged trades made: sums by the set of tags that a trade bears, and the tree over them.

Sets do not overlap, tags do: a trade that bears two tags of a category counts once in each of them
and once in the category.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Generic, NamedTuple, TypeVar

from django.db import connection

from accounts.access import Accounts
from common.api import Period
from common.fields import MONEY_PLACES, from_scaled
from journal.models import Layer
from journal.queries.tags import Tags
from ledger.arrays import array
from ledger.picked import asked_again

T = TypeVar("T")

# Trades with all that they bear, one row each.
BORNE = """
SELECT t.account_id, t.id, t.closed_on, t.pnl_usd, array_agg(DISTINCT {tag}) AS tags
FROM ledger_trade t
JOIN journal_tradetag x ON x.account_id = t.account_id AND x.trade_id = t.id
JOIN journal_tag g ON g.id = x.tag_id
WHERE t.account_id = ANY(%(accounts)s) AND t.pnl_usd IS NOT NULL {which}
GROUP BY t.account_id, t.id"""
IN_PERIOD = "AND t.closed_on BETWEEN %(start)s AND %(end)s"
_BY_SET = f"""
SELECT {{day}} AS day, s.tags, sum(s.pnl_usd), count(*), {{others}}
FROM ({BORNE.format(tag="{tag}", which=IN_PERIOD)}) s {{traders}}
GROUP BY 1, 2 ORDER BY 1, 2"""  # noqa: S608  constant names
FIXED = f"CASE WHEN g.layer = {Layer.CUSTOM.value} THEN g.parent_id ELSE g.id END"
_VERSION = """
SELECT coalesce(sum(journal_version), 0) FROM trader_platforms WHERE id = ANY(%s::bigint[])"""
_OTHERS = "count(DISTINCT a.trader_id) FILTER (WHERE a.id <> ALL(%(own)s::bigint[]))"
_TRADERS = "JOIN trader_platforms a ON a.id = s.account_id"


class SetSum(NamedTuple):
    """The trades that bear exactly these tags.

    day     None where all days of the period are one
    pnl     USD
    others  different traders behind it but the viewer; 0 where nobody counted them
    """

    day: date | None
    tags: tuple[int, ...]
    pnl: Decimal
    trade_count: int
    others: int


@dataclass(frozen=True, slots=True)
class Branch(Generic[T]):
    """A place in the taxonomy, and all leaves that lie on it or below it, each once."""

    id: int
    is_custom: bool
    name: str
    leaves: tuple[T, ...]
    children: tuple[Branch[T], ...]


def sums_by_set(*, accounts: Accounts, period: Period, custom: bool) -> tuple[SetSum, ...]:
    """Sum the trades closed in the period by the tags that they bear. 1 query.

    custom  custom tags stand for themselves; else for the fixed tag above them
    """
    return _sums(
        accounts, period, day="NULL::date", tag="g.id" if custom else FIXED, others="0", traders=""
    )


def sums_by_set_and_day(
    *, accounts: Accounts, period: Period, own: tuple[int, ...]
) -> tuple[SetSum, ...]:
    """Sum by day as well, and count the traders of other accounts than `own`. 1 query.

    Custom tags stand for the fixed tag above them.
    """
    return _sums(
        accounts, period, own,
        day="s.closed_on", tag=FIXED, others=_OTHERS, traders=_TRADERS,
    )  # fmt: skip


def branches(
    tags: Tags, leaves: Iterable[tuple[tuple[int, ...], T]], *, custom: bool
) -> tuple[Branch[T], ...]:
    """Hang leaves, each with its set of tags, into the taxonomy, in its order, empty tags included.

    A retired tag is there only while a leaf is on it. 0 queries.
    """
    on: defaultdict[int, list[T]] = defaultdict(list)
    for ids, leaf in leaves:
        touched = {row.id for tag_id in ids if tag_id in tags.rows for row in tags.above(tag_id)}
        for tag_id in touched:
            on[tag_id].append(leaf)
    children: defaultdict[int | None, list[int]] = defaultdict(list)
    for row in tags.rows.values():
        if (custom or row.layer != Layer.CUSTOM) and (row.id in on or not tags.retired(row.id)):
            children[row.parent_id].append(row.id)

    def branch(tag_id: int) -> Branch[T]:
        row = tags.rows[tag_id]
        return Branch(
            id=tag_id,
            is_custom=row.layer == Layer.CUSTOM,
            name=row.name,
            leaves=tuple(on[tag_id]),
            children=tuple(branch(child) for child in children[tag_id]),
        )

    return tuple(branch(category) for category in children[None])


def journal_version(accounts: Accounts) -> int:
    """Return what grows with every change to the tags of these accounts' trades. 1 query."""
    ((version,),) = asked_again(_VERSION, [array(accounts.ids)])
    return int(version)


def _sums(
    accounts: Accounts, period: Period, own: tuple[int, ...] = (), **how: str
) -> tuple[SetSum, ...]:
    given: dict[str, Any] = {
        "accounts": list(accounts.ids), "start": period.start, "end": period.end, "own": list(own),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_BY_SET.format(**how), given)
        return tuple(
            SetSum(day, tuple(tags), from_scaled(pnl, MONEY_PLACES), trades, others)
            for day, tags, pnl, trades, others in cursor.fetchall()
        )
