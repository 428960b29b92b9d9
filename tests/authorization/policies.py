"""What each kind of address owes to whom. A policy takes who asks (and whose books are asked for,
and whose trade) and returns what has to come back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from tests.authorization.roles import CLOSED, TRADERS, Role


@dataclass(frozen=True)
class Verdict:
    """A status, the code of a refusal, and whose figures and names the answer may hold."""

    status: int
    code: str | None = None
    shown: frozenset[str] = field(default_factory=frozenset)


Policy = Callable[..., Verdict]
NO_TOKEN = Verdict(401)
NOT_ADMIN = Verdict(403, "not_admin")
NO_GROUP = Verdict(403, "no_group")
OPTED_OUT = Verdict(403, "opted_out")
UNKNOWN_TRADER = Verdict(404, "unknown_trader")
UNKNOWN_TRADE = Verdict(404, "unknown_trade")
UNKNOWN_ENTRY = Verdict(404, "unknown_entry")
NO_TRADER = Verdict(403, "no_trader")


def public(who: Role, **_: Any) -> Verdict:
    """The same bytes for everybody, whatever token they send."""
    return Verdict(200)


def signed_in(who: Role, **_: Any) -> Verdict:
    """The same bytes for everybody who is signed in."""
    return NO_TOKEN if who.dead else Verdict(200)


def own(who: Role, **_: Any) -> Verdict:
    """Reads and writes the caller's own log-in, whatever the request names besides."""
    return NO_TOKEN if who.dead else Verdict(200, shown=_just(who.trader))


def personal(who: Role, *, whose: str | None = None, **_: Any) -> Verdict:
    """One trader's books: the own; by `trader=` for an admin those of the own group."""
    if who.dead:
        return NO_TOKEN
    if whose is None:
        return Verdict(200, shown=_just(who.trader))
    if not who.is_admin:
        return NOT_ADMIN
    if whose not in TRADERS or TRADERS[whose].group != who.group:
        return UNKNOWN_TRADER
    return Verdict(200, shown=_just(whose))


def one_trade(who: Role, *, whose: str | None = None, of: str, **_: Any) -> Verdict:
    """One trade of the books that `personal` opens."""
    books = personal(who, whose=whose)
    return UNKNOWN_TRADE if books.status == 200 and of not in books.shown else books


def pages(who: Role, *, whose: str | None = None, **_: Any) -> Verdict:
    """One trader's journal, read: as that trader's books."""
    return personal(who, whose=whose)


def exported(who: Role, *, whose: str | None = None, **_: Any) -> Verdict:
    """The same as a file."""
    return personal(who, whose=whose)


def room(who: Role, *, whose: str | None = None, **_: Any) -> Verdict:
    """The same of what names nobody."""
    return replace(personal(who, whose=whose), shown=frozenset())


def one_entry(who: Role, *, whose: str | None = None, of: str, **_: Any) -> Verdict:
    """One page of the journal that `pages` opens."""
    journal = personal(who, whose=whose)
    return UNKNOWN_ENTRY if journal.status == 200 and of not in journal.shown else journal


def own_pages(who: Role, *, of: str | None = None, **_: Any) -> Verdict:
    """Writes into a journal: the own, whatever the role. `of`: whose page it is."""
    if who.dead:
        return NO_TOKEN
    if who.trader is None:
        return NO_TRADER
    return Verdict(404 if of not in (None, who.trader) else 200, shown=_just(who.trader))


def own_tags(who: Role, *, of: str | None = None, **_: Any) -> Verdict:
    """The same of tags and notes: the own ones, on own trades."""
    return own_pages(who, of=of)


def coached(who: Role, *, of: str, **_: Any) -> Verdict:
    """What trader and coach share: the trader's, and the admins' of the trader's group."""
    if who.dead:
        return NO_TOKEN
    is_coach = who.is_admin and who.group is not None and TRADERS[of].group == who.group
    return Verdict(200, shown=_just(of)) if who.trader == of or is_coach else Verdict(404)


def heard(who: Role, *, whose: str | None = None, **_: Any) -> Verdict:
    """All that trader and coach say to each other, of one trader or of all."""
    if whose is not None or who.dead:
        return personal(who, whose=whose)
    return Verdict(200, shown=frozenset(one for one in TRADERS if coached(who, of=one).shown))


def coach(who: Role, **_: Any) -> Verdict:
    """The own group's people; for admins."""
    if who.dead:
        return NO_TOKEN
    if not who.is_admin:
        return NOT_ADMIN
    if who.group is None:
        return NO_GROUP
    return Verdict(200, shown=_members(who.group, archived=False))


def standing(who: Role, **_: Any) -> Verdict:
    """How the provider's rows come in for the own group; for admins. It names nobody."""
    return replace(coach(who), shown=frozenset())


def watched(who: Role, *, whose: str | None = None, **_: Any) -> Verdict:
    """What is checked in the own group's books, the archived traders' too; for admins."""
    found = coach(who)
    if found.status != 200:
        return found
    assert who.group is not None
    if whose is None:
        both = (_members(who.group, archived=archived) for archived in (False, True))
        return Verdict(200, shown=frozenset().union(*both))
    return personal(who, whose=whose)


def group(who: Role, **_: Any) -> Verdict:
    """The own group's figures; peers do not see the opted-out, nobody the archived."""
    if who.dead:
        return NO_TOKEN
    if who.group in (None, CLOSED):
        return NO_GROUP
    if who.opt_out and not who.is_admin:
        return OPTED_OUT
    assert who.group is not None
    members = _members(who.group, archived=False)
    if not who.is_admin:
        members = frozenset(name for name in members if not TRADERS[name].opted_out)
    return Verdict(200, shown=members)


def rates(who: Role, **_: Any) -> Verdict:
    """The same group's ranks and rates: nobody's figure; an admin's averages are of several."""
    verdict = group(who)
    return replace(verdict, shown=frozenset(TRADERS if who.is_admin else ()))


def staff(who: Role, **_: Any) -> Verdict:
    """The Django admin: none of the roles is staff, so it leads all of them to its log-in."""
    return Verdict(302)


def entrance(who: Role, **_: Any) -> Verdict:
    """The way into the Django admin: open, and it shows nothing of anybody."""
    return Verdict(200)


def _just(trader: str | None) -> frozenset[str]:
    return frozenset(() if trader is None else (trader,))


def _members(group: str, *, archived: bool) -> frozenset[str]:
    return frozenset(
        name
        for name, books in TRADERS.items()
        if books.group == group and books.archived == archived
    )
