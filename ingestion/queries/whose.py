"""Whose an account is, beside what is told of it."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from traders.models import PlatformAccount


class Whose(NamedTuple):
    """An account, as its provider names it, and its trader."""

    account: str
    is_sim: bool
    trader_id: int
    trader: str


def whose(account_ids: Collection[int]) -> dict[int, Whose]:
    """Return whose these accounts are. 1 query."""
    rows = PlatformAccount.objects.filter(id__in=account_ids).values_list(
        "id", "account", "is_sim", "trader_id", "trader__name"
    )
    return {row[0]: Whose(*row[1:]) for row in rows}
