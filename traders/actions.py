"""Writes to groups, traders and their accounts; each deed and its record share a transaction.

Locks are taken in one order everywhere: traders by id, then log-ins, then accounts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import F, Model

from audit.actions import Source, note, record
from audit.deeds import kind_of
from audit.values import Facts, facts
from common import locks
from common.api.errors import Refusal
from traders import followers
from traders.models import Group, PlatformAccount, Trader

Place = TypeVar("Place", Group, Trader, PlatformAccount)
Archived = TypeVar("Archived", Group, Trader)


class LogInLeftBehind(Refusal):
    status = 409
    message = "The trader has a log-in: move both to the other group together"
    code = "log_in_left_behind"


class SameTrader(Refusal):
    message = "A trader cannot be merged with itself"
    code = "same_trader"


class GroupsApart(Refusal):
    message = "Only traders of one group can be merged: move one of them to the other's group first"
    code = "groups_apart"


class TwoLogIns(Refusal):
    status = 409
    message = "Both traders have a log-in: unlink one of them first"
    code = "two_log_ins"


class KeptIsArchived(Refusal):
    status = 409
    message = "The trader who is kept is archived: restore it first"
    code = "kept_is_archived"


@dataclass(frozen=True, slots=True)
class Opened:
    account: PlatformAccount
    made: bool


@dataclass(frozen=True, slots=True)
class Moved:
    """Accounts that changed hands.

    other_terms  they came under another group's fees and tolerance: `ledger.actions` folds anew
    trader_ids   who gave and who took them
    """

    account_ids: tuple[int, ...]
    other_terms: bool
    trader_ids: tuple[int, ...] = ()


@transaction.atomic
def make_group(*, name: str, by: str, at: datetime, source: Source | None = "console") -> Group:
    """Make a trading group."""
    made = Group.objects.create(name=name)
    _note(made, None, by=by, at=at, source=source)
    return made


@transaction.atomic
def open_account(
    *,
    platform_id: int,
    environment: str,
    account: str,
    name: str,
    is_sim: bool,
    group_id: int,
    by: str = "",
    at: datetime,
) -> Opened:
    """Return the account of that id; a new one makes its trader by itself, in the group.

    Safe to run twice and by two at once. A known account keeps its trader and its group; only its
    name follows the provider's, unless its person was erased.
    """
    locks.hold("account", platform_id, environment, account)
    known = (
        PlatformAccount.objects.select_related("trader")
        .filter(platform_id=platform_id, environment=environment, account=account)
        .first()
    )
    if known is not None:
        if name and known.name != name and known.trader.erased_at is None:
            known = change(one=known, by=by, at=at, source=None, name=name)
        return Opened(known, made=False)
    trader = Trader.objects.create(group_id=group_id, name=name or account)
    _note(trader, None, by=by, at=at, source=None)
    made = add_account(
        trader=trader, platform_id=platform_id, environment=environment, account=account,
        name=name, is_sim=is_sim, by=by, at=at, source=None,
    )  # fmt: skip
    return Opened(made, made=True)


@transaction.atomic
def add_account(
    *,
    trader: Trader,
    platform_id: int,
    environment: str,
    account: str,
    name: str,
    is_sim: bool,
    by: str,
    at: datetime,
    source: Source | None = "console",
) -> PlatformAccount:
    """Give a trader one more account."""
    made = PlatformAccount.objects.create(
        trader=trader, platform_id=platform_id, environment=environment, account=account,
        name=name, is_sim=is_sim,
    )  # fmt: skip
    _note(made, None, by=by, at=at, source=source)
    return made


@transaction.atomic
def change(
    *, one: Place, by: str, at: datetime, source: Source | None = "console", **fields: Any
) -> Place:
    """Change columns of a group, a trader or an account, archiving included; return it as it is.

    A trader with a log-in changes groups by `accounts.actions.move_trader`; in another group, or
    with another trader, the accounts' books need `ledger.actions.refold_accounts`.
    """
    fresh = lock(type(one), one.pk)
    before = facts(fresh)
    for name, value in fields.items():
        setattr(fresh, name, value)
    if "group" in fields:
        _stay_together(fresh)
    if facts(fresh) != before:
        fresh.save(update_fields=list(fields))
        _note(fresh, before, by=by, at=at, source=source)
    return fresh


def archive(*, one: Archived, by: str, at: datetime, source: Source | None = "console") -> Archived:
    """Take a group or a trader out of comparisons and lists; nothing is lost."""
    return change(one=one, by=by, at=at, source=source, is_archived=True)


def restore(*, one: Archived, by: str, at: datetime, source: Source | None = "console") -> Archived:
    """Bring an archived group or trader back."""
    return change(one=one, by=by, at=at, source=source, is_archived=False)


@transaction.atomic
def move_account(
    *,
    account: PlatformAccount,
    trader: Trader,
    by: str,
    at: datetime,
    source: Source | None = "console",
) -> Moved:
    """Give an account, with its books, to another trader.

    To whoever sees both traders the accounts are the same as before: their version tells that they
    are of somebody else now.
    """
    trader = lock(Trader, trader.pk)
    account = lock(PlatformAccount, account.pk)
    if account.trader_id == trader.pk:
        return Moved((), other_terms=False)
    former = account.trader
    change(one=account, by=by, at=at, source=source, trader=trader)
    PlatformAccount.objects.filter(pk=account.pk).update(
        books_version=F("books_version") + 1, settled_version=F("settled_version") + 1
    )
    followers.tell_moved(account_id=account.pk, trader_id=trader.pk)
    return Moved((account.pk,), former.group_id != trader.group_id, (former.pk, trader.pk))


@transaction.atomic
def merge(
    *, kept: Trader, gone: Trader, by: str, at: datetime, source: Source | None = "console"
) -> Moved:
    """Make one trader of two: the accounts of `gone` become those of `kept`; `gone` is archived.

    The log-in of `gone` stays with `gone`: `accounts.actions.merge_traders` brings it along.
    """
    if kept.pk == gone.pk:
        raise SameTrader
    first, second = (lock(Trader, pk) for pk in sorted((kept.pk, gone.pk)))
    kept, gone = (first, second) if first.pk == kept.pk else (second, first)
    if kept.group_id != gone.group_id:
        raise GroupsApart
    if kept.is_archived:
        raise KeptIsArchived
    if None not in (_log_in(kept), _log_in(gone)):
        raise TwoLogIns
    if gone.opt_out and not kept.opt_out and not (_log_in(kept) or _log_in(gone)):
        kept = change(one=kept, by=by, at=at, source=source, opt_out=True)  # hidden as before
    followers.tell_merging(kept_id=kept.pk, gone_id=gone.pk)
    accounts = list(gone.accounts.order_by("id"))
    for account in accounts:
        move_account(account=account, trader=kept, by=by, at=at, source=source)
    archive(one=gone, by=by, at=at, source=source)
    record(
        scope="user_management", action="merge", entity=("trader", gone.pk), by=by, at=at,
        trader_id=kept.pk, merged_into=(None, kept.pk),
        accounts=(None, [account.account for account in accounts]), source=(None, source),
    )  # fmt: skip
    return Moved(tuple(account.pk for account in accounts), False, (gone.pk, kept.pk))


def lock(table: type[Place], pk: int) -> Place:
    """Return the row as it is now, held until the transaction ends."""
    held: Place = table._default_manager.select_for_update(no_key=True).get(pk=pk)
    return held


def _stay_together(one: Model) -> None:
    if not isinstance(one, Trader):
        return
    user = _log_in(one)
    if user is not None and user.group_id != one.group_id:
        raise LogInLeftBehind


def _log_in(trader: Trader) -> Any:
    """Return the log-in of a trader, freshly read; None without one."""
    return getattr(Trader.objects.select_related("user").get(pk=trader.pk), "user", None)


def _note(
    one: Model, before: Facts | None, *, by: str, at: datetime, source: Source | None
) -> None:
    kind = kind_of(one)
    assert kind is not None, "The log speaks of groups, traders and accounts"
    note(entity=(kind, one.pk), before=before, after=facts(one), by=by, at=at, source=source)
