"""The trades that are written about: the writer's own, held until the writing stands."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from accounts.access import Accounts
from ledger.actions import lock_accounts
from ledger.closed import UnknownTrade
from ledger.models import Trade


def hold(trade_ids: Collection[UUID], *, accounts: Accounts) -> dict[UUID, int]:
    """Return the account of each of these that is a closed trade of these accounts. 2 queries.

    Their books are held until the transaction ends: no trade can vanish while it is written about,
    and whoever writes about trades of one account does so in turn.
    """
    lock_accounts(accounts.ids)
    mine = Trade.objects.filter(account__in=accounts.ids, id__in=trade_ids)
    return dict(mine.values_list("id", "account_id"))


def hold_one(trade_id: UUID, *, accounts: Accounts) -> int:
    """Return the account of this trade, held likewise; UnknownTrade where it is none of these."""
    try:
        return hold([trade_id], accounts=accounts)[trade_id]
    except KeyError:
        raise UnknownTrade from None
