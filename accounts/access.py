"""Who sees what: the one place that turns a user into accounts, and says whether sizes are hidden.

    role                personal/*     with trader=      comparative/*
    regular             own trader     403               the group without the opted-out, veiled
    admin               own trader     the own group's   the group, nothing hidden
    opted out           own trader     403               403; an admin: as any admin
    unlinked            empty          as its role       as its role
    not in a group      empty          as its role: 404  403
    in an archived one  own trader     as its role       403
    deactivated         nothing: its tokens are dead (accounts.tokens)

journal/* is read as personal/*, of live and sim accounts alike, and written by its trader alone.
ingestion/* is for admins: all accounts of the own group, sim and archived ones too.

Rights in the console (`is_staff`, `is_superuser`) count for nothing here. Never cached, so that an
opt-out, a new role or a new link is felt by the very next request.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from rest_framework.request import Request

from accounts.models import CustomUser
from accounts.scopes import (
    NO_ACCOUNTS,
    Accounts,
    CoachedScope,
    GroupScope,
    JournalScope,
    OwnJournal,
    PersonalScope,
    SharedScope,
    WatchedScope,
)
from common.api.errors import Refusal
from common.prepared import prepared
from traders.models import Group, PlatformAccount, Trader

__all__ = [
    "NO_ACCOUNTS",
    "Accounts",
    "CoachedScope",
    "GroupScope",
    "JournalScope",
    "NoGroup",
    "NoTrader",
    "NotAdmin",
    "OptedOut",
    "OwnJournal",
    "PersonalScope",
    "SharedScope",
    "UnknownTrader",
    "WatchedScope",
    "coached_in_view",
    "group_in_view",
    "group_of_admin",
    "group_of_member",
    "journal_in_view",
    "own_journal",
    "personal_asked",
    "personal_in_view",
    "shared_by_members",
    "viewer",
    "watched_by_admin",
]

# What is asked of a trader's accounts, and of a group's.
_BOOKS = ("accounts__id", "accounts__books_version", "accounts__is_sim")
_PEERS = ("id", "settled_version", "books_version", "trader_id")
# Who opted out; of a trader whose log-in is gone, what that said last.
_HIDDEN = Q(trader__user__opt_out=True) | Q(trader__user=None, trader__opt_out=True)


class OptedOut(Refusal):
    status = 403
    message = "You have opted out of comparative analytics"
    code = "opted_out"


class NoGroup(Refusal):
    status = 403
    message = "You are not in an active group"
    code = "no_group"


class NotAdmin(Refusal):
    status = 403
    message = "Only an admin of the group may do this"
    code = "not_admin"


class NoTrader(Refusal):
    status = 403
    message = "You have no trader: a journal is a trader's own"
    code = "no_trader"


class UnknownTrader(Refusal):
    """The same for another group's trader and for one that does not exist."""

    status = 404
    message = "There is no such trader in your group"
    code = "unknown_trader"


def viewer(request: Request) -> CustomUser:
    """Return who asks, with group and trader at hand."""
    user = request.user
    if not isinstance(user, CustomUser):
        raise TypeError("This endpoint must not be reached without a log-in")
    return user


def personal_asked(request: Request, asked: Mapping[str, Any]) -> PersonalScope:
    """Return the accounts that parameters with `trader` and `sim` ask for. 1 query."""
    return personal_in_view(viewer(request), trader=asked["trader"], sim=asked["sim"])


def group_of_admin(user: CustomUser) -> int:
    """Return the group whose traders `user` may list."""
    if not user.is_admin:
        raise NotAdmin
    if user.group_id is None:
        raise NoGroup
    return user.group_id


def watched_by_admin(user: CustomUser, *, trader: int | None = None) -> WatchedScope:
    """Return the accounts of the group, or of `trader` in it, whose books `user` watches. 1 query.

    A trader of another group is as one that does not exist.
    """
    group_id = group_of_admin(user)
    found = Trader.objects.filter(group_id=group_id)
    if trader is not None:
        found = found.filter(pk=trader)
    rows = list(found.values_list("accounts__id", "accounts__books_version"))
    if trader is not None and not rows:
        raise UnknownTrader
    return WatchedScope(Accounts.of(row for row in rows if row[0]), group_id)


def personal_in_view(
    user: CustomUser, *, trader: int | None = None, sim: bool = False
) -> PersonalScope:
    """Return the accounts of the own trader, or of `trader` for an admin of its group. 1 query.

    sim  the sim accounts instead of the live ones
    """
    asked, rows = _of_one(user, trader)
    return PersonalScope(Accounts.of(row[:2] for row in rows if row[2] == sim), asked)


def journal_in_view(user: CustomUser, *, trader: int | None = None) -> JournalScope:
    """Return whose journal `user` may read: the own, or that of `trader` for an admin of its group.

    1 query.
    """
    asked, rows = _of_one(user, trader)
    return JournalScope(Accounts.of(row[:2] for row in rows), asked)


def own_journal(user: CustomUser) -> OwnJournal:
    """Return the journal that `user` may write: nobody else's, whatever the role. 1 query."""
    if user.trader_id is None:
        raise NoTrader
    return OwnJournal(journal_in_view(user).accounts, user.trader_id)


def coached_in_view(user: CustomUser) -> CoachedScope:
    """Return whose pages `user` may read beside the own, and talk about. No query."""
    return CoachedScope(user.trader_id, user.group_id if user.is_admin else None)


def _of_one(user: CustomUser, trader: int | None) -> tuple[int | None, list[tuple[int, int, bool]]]:
    """Return the trader whom `user` may read alone, and (id, books_version, is_sim) of accounts."""
    if trader is not None and not user.is_admin:
        raise NotAdmin
    asked = user.trader_id if trader is None else trader
    if asked is None:
        return None, []
    if trader is None:
        rows = _books(trader=asked)
    elif user.group_id is None:
        raise UnknownTrader
    else:
        rows = _books_in_group(trader=asked, group=user.group_id)
    if not rows:
        raise UnknownTrader
    return asked, [(row[0], row[1], row[2]) for row in rows if row[0]]


@prepared
def _books(*, trader: int) -> QuerySet[Trader, Any]:
    # From the trader outwards: one without accounts is still found.
    return Trader.objects.filter(pk=trader).values_list(*_BOOKS)


@prepared
def _books_in_group(*, trader: int, group: int) -> QuerySet[Trader, Any]:
    return Trader.objects.filter(pk=trader, group_id=group).values_list(*_BOOKS)


def group_in_view(user: CustomUser, *, hides_money: bool) -> GroupScope:
    """Return the accounts `user` may compare, and whether sizes are hidden. 1 query."""
    group = group_of_member(user)
    rows = (_everybody if user.is_admin else _not_hidden)(group=group.pk)
    own, version = user.trader_id, _of_peers(1, 2)  # once: there are hundreds of rows
    return GroupScope(
        accounts=Accounts.of([(row[0], row[version]) for row in rows]),
        veiled=hides_money and not user.is_admin,
        min_cohort=0 if user.is_admin else group.min_cohort,
        own=tuple(sorted([row[0] for row in rows if row[3] == own])),
        group_id=group.pk,
    )


@prepared
def _everybody(*, group: int) -> QuerySet[PlatformAccount, Any]:
    return _compared((group,), opted_out=True).values_list(*_PEERS)


@prepared
def _not_hidden(*, group: int) -> QuerySet[PlatformAccount, Any]:
    return _compared((group,), opted_out=False).values_list(*_PEERS)


def group_of_member(user: CustomUser) -> Group:
    """Return the group whose results `user` may compare."""
    if user.group_id is None or user.group is None or user.group.is_archived:
        raise NoGroup
    if user.opt_out and not user.is_admin:
        raise OptedOut
    return user.group


def shared_by_members(groups: Iterable[Group]) -> tuple[SharedScope, ...]:
    """Return each active group without the opted-out, whoever asks. 1 query."""
    active = [group for group in groups if not group.is_archived]
    found: dict[int, list[tuple[int, int, int]]] = {group.pk: [] for group in active}
    accounts = _compared(found, opted_out=False)
    for group_id, *row in accounts.values_list("trader__group_id", *_PEERS):
        found[group_id].append((row[0], _of_peers(row[1], row[2]), row[3]))
    return tuple(
        SharedScope(
            group_id=group.pk,
            min_cohort=group.min_cohort,
            accounts=Accounts.of((pk, version) for pk, version, _ in found[group.pk]),
            trader_ids=frozenset(trader for _, _, trader in found[group.pk]),
        )
        for group in active
    )


def _of_peers(settled_version: int, books_version: int) -> int:
    """Return what changes with all that is told of peers: past days, so that no poll of the
    running one makes their readings anew. Where that day is told too, it is all of the books."""
    return settled_version if settings.COMPARATIVE_DELAY_DAYS > 0 else books_version


def _compared(groups: Iterable[int], *, opted_out: bool) -> QuerySet[PlatformAccount]:
    """Return what is compared: live accounts of active traders, of the opted-out too if told."""
    accounts = PlatformAccount.objects.filter(
        trader__group_id__in=tuple(groups), trader__is_archived=False, is_sim=False
    )
    return accounts if opted_out else accounts.exclude(_HIDDEN)
