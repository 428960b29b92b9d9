"""Who trades."""

from __future__ import annotations

from dataclasses import dataclass

from traders.models import Trader


@dataclass(frozen=True)
class AccountRow:
    platform: str
    account: str
    is_sim: bool


@dataclass(frozen=True)
class TraderRow:
    id: int
    name: str
    accounts: tuple[AccountRow, ...]
    user: int | None
    opt_out: bool
    is_archived: bool
    offices: str | None
    floor: int | None
    stage: int | None
    style: str | None


def traders(*, group_id: int, archived: bool) -> tuple[TraderRow, ...]:
    """Return a group's active or archived traders by name, each with its accounts. 3 queries.

    Not cached: a link, a name or an opt-out shows at once, and no version tells of all of them.
    """
    found = (
        Trader.objects.filter(group_id=group_id, is_archived=archived)
        .select_related("user")
        .prefetch_related("accounts__platform")
        .order_by("name", "id")
    )
    return tuple(_row(trader) for trader in found)


def _row(trader: Trader) -> TraderRow:
    user = getattr(trader, "user", None)  # no log-in: Django raises an AttributeError of its own
    return TraderRow(
        id=trader.pk,
        name=trader.name,
        accounts=tuple(
            AccountRow(account.platform.code, account.account, account.is_sim)
            for account in sorted(trader.accounts.all(), key=lambda account: account.pk)
        ),
        user=user and user.pk,
        opt_out=bool(user.opt_out if user else trader.opt_out),
        is_archived=trader.is_archived,
        offices=trader.offices,
        floor=trader.floor,
        stage=trader.stage,
        style=trader.style,
    )
