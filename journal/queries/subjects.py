"""What images hang on and comments speak of: one trade or one entry of a trader."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from accounts.access import CoachedScope
from common.api import Refusal
from journal.models import Detached, Entry
from ledger.closed import UnknownTrade
from ledger.models import Trade
from traders.models import PlatformAccount


class UnknownEntry(Refusal):
    """The same for a stranger's entry and for one that does not exist."""

    status = 404
    message = "There is no such entry in this journal"
    code = "unknown_entry"


@dataclass(frozen=True, slots=True)
class Subject:
    """One trade, or one entry."""

    trader_id: int
    account_id: int | None = None
    trade_id: UUID | None = None
    entry_id: int | None = None


def trade_in_view(trade_id: UUID, *, scope: CoachedScope) -> Subject:
    """Return a closed trade, or one that is detached, that these may see. 1 or 2 queries."""
    seen = PlatformAccount.objects.filter(scope.journals)
    told = ("account__trader", "account")
    found = (
        Trade.objects.filter(id=trade_id, account__in=seen).values_list(*told).first()
        or Detached.objects.filter(trade_id=trade_id, account__in=seen).values_list(*told).first()
    )
    if found is None:
        raise UnknownTrade
    return Subject(found[0], account_id=found[1], trade_id=trade_id)


def entry_in_view(entry_id: int, *, scope: CoachedScope) -> Subject:
    """Return an entry that these may see. 1 query."""
    found = Entry.objects.filter(scope.journals, pk=entry_id)
    if (trader_id := found.values_list("trader", flat=True).first()) is None:
        raise UnknownEntry
    return Subject(trader_id, entry_id=entry_id)
