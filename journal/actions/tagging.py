"""Tags go onto trades and off again; each deed may be repeated, and two at once take turns."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F

from accounts.access import OwnJournal
from common.api import Invalid
from journal.actions.own_tags import UnknownTag, choose
from journal.actions.own_trades import hold, hold_one
from journal.models import TradeTag
from journal.queries.tags import Borne, tags_of
from traders.models import PlatformAccount


@dataclass(frozen=True, slots=True)
class Tagged:
    """What tagging many trades at once did; added counts what they did not bear before."""

    trades: int
    tags: int
    added: int


@transaction.atomic
def add_tags(
    *, journal: OwnJournal, trade_id: UUID, tag_ids: Sequence[int], field: str, at: datetime
) -> tuple[Borne, ...]:
    """Put these tags on a trade too, and return all that it bears. 7 queries."""
    account_id = hold_one(trade_id, accounts=journal.accounts)
    borne = _borne(account_id, trade_id)
    tags = choose(tag_ids, trader_id=journal.trader_id, field=field, kept=borne)
    _put({trade_id: account_id}, tag_ids, at=at)
    return tags.in_order(borne | set(tag_ids))


@transaction.atomic
def set_tags(
    *, journal: OwnJournal, trade_id: UUID, tag_ids: Sequence[int], at: datetime
) -> tuple[Borne, ...]:
    """Let a trade bear these tags and no others. 8 queries."""
    account_id = hold_one(trade_id, accounts=journal.accounts)
    borne = _borne(account_id, trade_id)
    tags = choose(tag_ids, trader_id=journal.trader_id, kept=borne)
    TradeTag.objects.filter(account=account_id, trade=trade_id).exclude(tag__in=tag_ids).delete()
    _put({trade_id: account_id}, tag_ids, at=at)
    return tags.in_order(tag_ids)


@transaction.atomic
def remove_tag(*, journal: OwnJournal, trade_id: UUID, tag_id: int) -> tuple[Borne, ...]:
    """Take a tag off a trade, where it bears it, and return what it still bears. 6 queries."""
    account_id = hold_one(trade_id, accounts=journal.accounts)
    tags = tags_of(journal.trader_id)
    if tag_id not in tags.rows:
        raise UnknownTag
    TradeTag.objects.filter(account=account_id, trade=trade_id, tag=tag_id).delete()
    bump([account_id])
    return tags.in_order(_borne(account_id, trade_id))


@transaction.atomic
def tag_trades(
    *, journal: OwnJournal, trade_ids: Sequence[UUID], tag_ids: Sequence[int], at: datetime
) -> Tagged:
    """Put these tags on all of these trades, or where one may not be, on none. 7 queries."""
    accounts = hold(trade_ids, accounts=journal.accounts)
    for trade_id in trade_ids:
        if trade_id not in accounts:
            raise Invalid("trades", f"There is no trade {trade_id} among yours")
    choose(tag_ids, trader_id=journal.trader_id, kept=_borne_by_all(accounts))
    added = _put(accounts, tag_ids, at=at)
    return Tagged(len(accounts), len(set(tag_ids)), added)


def bump(account_ids: Collection[int]) -> None:
    """Give these accounts another version of their journal: the tags of their trades changed."""
    PlatformAccount.objects.filter(id__in=account_ids).update(
        journal_version=F("journal_version") + 1
    )


def _put(accounts: Mapping[UUID, int], tag_ids: Sequence[int], *, at: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO journal_tradetag (account_id, trade_id, tag_id, tagged_at) "
            "SELECT t.account_id, t.trade_id, g.tag_id, %s "
            "FROM unnest(%s::bigint[], %s::uuid[]) AS t (account_id, trade_id) "
            "CROSS JOIN unnest(%s::bigint[]) AS g (tag_id) ON CONFLICT DO NOTHING",
            [at, list(accounts.values()), list(accounts), sorted(set(tag_ids))],
        )
        added: int = cursor.rowcount
    bump(set(accounts.values()))
    return added


def _borne(account_id: int, trade_id: UUID) -> set[int]:
    found = TradeTag.objects.filter(account=account_id, trade=trade_id)
    return set(found.values_list("tag_id", flat=True))


def _borne_by_all(accounts: Mapping[UUID, int]) -> set[int]:
    """Return the tags that each of these trades bears already."""
    found: dict[UUID, set[int]] = {trade_id: set() for trade_id in accounts}
    for trade_id, tag_id in TradeTag.objects.filter(
        account__in=set(accounts.values()), trade__in=accounts
    ).values_list("trade_id", "tag_id"):
        found[trade_id].add(tag_id)
    return set.intersection(*found.values()) if found else set()
