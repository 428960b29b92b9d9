"""A trader's words about one trade."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.access import OwnJournal
from journal.actions.own_trades import hold_one
from journal.models import TradeNote


@transaction.atomic
def write_note(*, journal: OwnJournal, trade_id: UUID, text: str, at: datetime) -> str:
    """Note this about a trade in place of what was noted; nothing but blanks removes it."""
    account_id = hold_one(trade_id, accounts=journal.accounts)
    if not text.strip():
        TradeNote.objects.filter(account=account_id, trade=trade_id).delete()
        return ""
    TradeNote.objects.bulk_create(
        [TradeNote(account_id=account_id, trade_id=trade_id, text=text, updated_at=at)],
        update_conflicts=True,
        unique_fields=["account", "trade"],
        update_fields=["text", "updated_at"],
    )
    return text
