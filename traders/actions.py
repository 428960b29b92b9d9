"""Writes to traders and their accounts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from audit.actions import record
from common import locks
from traders.models import PlatformAccount, Trader


@dataclass(frozen=True, slots=True)
class Opened:
    account: PlatformAccount
    made: bool


@transaction.atomic
def open_account(
    *,
    platform_id: int,
    environment: str,
    account: str,
    name: str,
    is_sim: bool,
    group_id: int,
    at: datetime,
) -> Opened:
    """Return the account of that id; a new one makes its trader by itself, in the group.

    Safe to run twice and by two at once. A known account keeps its trader and its group; only its
    name follows the provider's.
    """
    locks.hold("account", platform_id, environment, account)
    known = PlatformAccount.objects.filter(
        platform_id=platform_id, environment=environment, account=account
    ).first()
    if known is not None:
        if name and known.name != name:
            known.name = name
            known.save(update_fields=["name"])
        return Opened(known, made=False)
    trader = Trader.objects.create(group_id=group_id, name=name or account)
    made = PlatformAccount.objects.create(
        trader=trader, platform_id=platform_id, environment=environment, account=account,
        name=name, is_sim=is_sim,
    )  # fmt: skip
    record(
        scope="user_management", action="trader_made", entity=("trader", trader.pk), by="", at=at,
        trader_id=trader.pk, account=(None, account), environment=(None, environment),
        group_id=(None, group_id),
    )  # fmt: skip
    return Opened(made, made=True)
