"""What was written follows: trades that vanish, accounts that change hands, traders that merge."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from django.db import connection
from django.db.models.functions import Now

from common import locks
from journal.actions.custom_tags import join
from journal.actions.moving import Move, move
from journal.actions.tagging import bump
from journal.models import Comment, Detached, Entry, Image, Tag
from journal.queries.detached import ABOUT_TRADES
from ledger.actions import lock_accounts
from ledger.succession import Vanished
from traders.models import PlatformAccount

FACTS = (
    "contract", "side", "quantity", "entry_price", "exit_price", "opened_ns", "closed_ns",
    "pnl_usd", "detached_at",
)  # fmt: skip
_CARES = " UNION ".join(
    f"SELECT trade_id FROM {table._meta.db_table} "  # noqa: S608  constant names
    "WHERE account_id = ANY(%(accounts)s) AND trade_id = ANY(%(trades)s)"
    for table in ABOUT_TRADES
)
# Custom tags of others that trades of an account bear, and what the trader calls the same.
_FOREIGN = """
SELECT g.id, own.id FROM journal_tag g
LEFT JOIN journal_tag own ON own.trader_id = %(trader)s AND own.parent_id = g.parent_id
    AND lower(own.name) = lower(g.name)
WHERE g.trader_id <> %(trader)s
    AND EXISTS (SELECT FROM journal_tradetag x WHERE x.tag_id = g.id AND x.account_id = %(account)s)
ORDER BY g.id"""
_SAME = """
SELECT g.id, own.id FROM journal_tag g
JOIN journal_tag own ON own.trader_id = %s AND own.parent_id = g.parent_id
    AND lower(own.name) = lower(g.name)
WHERE g.trader_id = %s ORDER BY g.id"""


def cares(account_ids: Collection[int], trade_ids: Collection[UUID]) -> set[UUID]:
    """Return the trades among these about which anything is written. 1 query."""
    with connection.cursor() as cursor:
        cursor.execute(_CARES, {"accounts": list(account_ids), "trades": list(trade_ids)})
        return {trade_id for (trade_id,) in cursor.fetchall()}


def follow(vanished: Sequence[Vanished]) -> None:
    """Give what was written to the heirs; keep what has none, with what its trade was."""
    moves = [
        Move(one.account_id, one.trade_id, one.account_id, one.heir_id)
        for one in vanished
        if one.heir_id is not None
    ]
    if moves:
        move(moves)
    _detach([one for one in vanished if one.heir_id is None])


def moved(account_id: int, trader_id: int) -> None:
    """Let what was written about an account's trades be its new trader's.

    Custom tags of the former one are found, or made, among the new one's; entries stay where they
    are, for they may speak of other accounts too.
    """
    locks.hold("journal.tags", trader_id)
    for table in (Image, Comment):
        table._default_manager.filter(account=account_id).update(trader=trader_id)
    with connection.cursor() as cursor:
        cursor.execute(_FOREIGN, {"trader": trader_id, "account": account_id})
        foreign = cursor.fetchall()
    pairs = [(theirs, own or _copied(theirs, trader_id=trader_id)) for theirs, own in foreign]
    join(pairs, account_id=account_id)
    bump([account_id])


def merging(kept_id: int, gone_id: int) -> None:
    """Let all that is one trader's be another's; custom tags of one name under one become one."""
    both = (kept_id, gone_id)
    lock_accounts(PlatformAccount.objects.filter(trader__in=both).values_list("id", flat=True))
    for trader_id in sorted(both):
        locks.hold("journal.tags", trader_id)
    with connection.cursor() as cursor:
        cursor.execute(_SAME, [kept_id, gone_id])
        pairs = cursor.fetchall()
    join(pairs)
    Tag.objects.filter(id__in=[theirs for theirs, _ in pairs]).delete()
    for table in (Tag, Entry, Image, Comment):
        table._default_manager.filter(trader=gone_id).update(trader=kept_id)


def _detach(lost: Sequence[Vanished]) -> None:
    Detached.objects.bulk_create(
        [
            Detached(
                account_id=one.account_id,
                trade_id=one.trade_id,
                contract_id=one.contract_id,
                side=one.side,
                quantity=one.quantity,
                entry_price=one.entry_price,
                exit_price=one.exit_price,
                opened_ns=one.opened_ns,
                closed_ns=one.closed_ns,
                pnl_usd=one.pnl_usd,
                detached_at=Now(),
            )
            for one in lost
        ],
        update_conflicts=True,
        unique_fields=["account", "trade_id"],
        update_fields=FACTS,
    )


def _copied(tag_id: int, *, trader_id: int) -> int:
    """Make the custom tag of another trader anew for this one; return its id."""
    tag = Tag.objects.get(pk=tag_id)
    tag.pk, tag._state.adding, tag.trader_id = None, True, trader_id
    tag.save()
    return int(tag.pk)
