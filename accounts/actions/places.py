"""What moves traders together with their log-ins."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.actions.people import change_user
from accounts.models import CustomUser
from audit.actions import Source, note
from audit.values import facts
from traders import actions as traders
from traders.actions import Moved
from traders.models import Group, Trader


@transaction.atomic
def move_trader(*, trader: Trader, group: Group, by: str, at: datetime, source: Source) -> Moved:
    """Bring a trader, its accounts and its log-in into another group.

    Afterwards the accounts' books need `ledger.actions.refold_accounts`.
    """
    trader = traders.lock(Trader, trader.pk)
    if trader.group_id == group.pk:
        return Moved((), other_terms=False)
    user = CustomUser.objects.select_for_update(no_key=True).filter(trader=trader).first()
    if user is not None:  # first: the database compares both when the transaction ends
        before = facts(user)
        user.group = group
        user.save(update_fields=["group"])
        note(
            entity=("custom_user", user.pk), before=before, after=facts(user), by=by, at=at,
            source=source,
        )  # fmt: skip
    traders.change(one=trader, by=by, at=at, source=source, group=group)
    accounts = trader.accounts.order_by("id").values_list("id", flat=True)
    return Moved(tuple(accounts), other_terms=True)


@transaction.atomic
def merge_traders(*, kept: Trader, gone: Trader, by: str, at: datetime, source: Source) -> Moved:
    """Make one trader of two: accounts and log-in of `gone` become those of `kept`.

    Of the same group, with one log-in at most between them; `gone` is archived.
    """
    moved = traders.merge(kept=kept, gone=gone, by=by, at=at, source=source)
    user = CustomUser.objects.filter(trader=gone).first()
    if user is not None:
        change_user(user=user, by=by, at=at, source=source, trader=kept)
    return moved
