"""Who a person is to the tables, and who keeps what of one."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from accounts.models import CustomUser
from common.api.errors import Refusal
from traders.models import Trader


class NobodySuch(Refusal):
    status = 404
    message = "There is no such log-in or trader any more"
    code = "nobody_such"


@dataclass(frozen=True, slots=True)
class Person:
    """A log-in with its trader, if it has one; or a trader without a log-in.

    names    by which texts call the person: of log-in, trader and accounts
    opt_out  what the log-in says, or said last
    """

    user_id: int | None
    email: str
    trader_id: int | None
    account_ids: tuple[int, ...]
    names: tuple[str, ...]
    opt_out: bool

    @property
    def users(self) -> tuple[int, ...]:
        return () if self.user_id is None else (self.user_id,)

    @property
    def traders(self) -> tuple[int, ...]:
        return () if self.trader_id is None else (self.trader_id,)

    @property
    def former(self) -> str:
        """What stands in the place of a name: nothing but a number that was told all along."""
        return "Former user" if self.trader_id is None else f"Former trader {self.trader_id}"

    def unnamed(self, text: str) -> str:
        """Return a text with other words where it names the person."""
        for name in self.names:
            text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", self.former, text, flags=re.I)
        return text


@dataclass(frozen=True, slots=True)
class Rows:
    """One kind of rows, to be told as a list in `name`.json; read one after the other."""

    name: str
    says: str
    rows: Iterable[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class File:
    """A file as it is; None: it is not there any more."""

    name: str
    content: Callable[[], bytes | None]


@dataclass(frozen=True, slots=True)
class Keeper:
    """What a room keeps of a person.

    export  yields all of it
    erase   takes it away in the caller's transaction and returns how many rows of which kind
            changed; again, nothing changes. What is not in the database goes when it commits.
    tables  that `export` and `erase` see to, by label: "journal.Entry"
    kept    tables that stay as they are, each with the reason
    again   whether a poll or a request under way may bring something back: erased every night
    """

    name: str
    export: Callable[[Person], Iterable[Rows | File]]
    erase: Callable[[Person, datetime], Mapping[str, int]]
    tables: Collection[str]
    kept: Mapping[str, str] = field(default_factory=dict)
    again: bool = False


_keepers: dict[str, Keeper] = {}


def register(keeper: Keeper) -> None:
    """Have a room asked about persons; once per process."""
    _keepers[keeper.name] = keeper


def keepers() -> tuple[Keeper, ...]:
    """Return all of them, rooms above first: what points at a log-in goes before it."""
    return tuple(reversed(_keepers.values()))


def person_of(user: CustomUser) -> Person:
    """Return whom a log-in belongs to. 2 queries."""
    return _person(user, user.trader)


def person_of_trader(trader: Trader) -> Person:
    """Return who a trader is, with the log-in, if there is one. 3 queries."""
    return _person(CustomUser.objects.filter(trader=trader).first(), trader)


def _person(user: CustomUser | None, trader: Trader | None) -> Person:
    accounts = [] if trader is None else list(trader.accounts.order_by("id"))
    called = {account.name for account in accounts}
    if user is not None:
        called |= {user.get_full_name(), user.email}
    if trader is not None and trader.erased_at is None:
        called.add(trader.name)
    opt_out = user.opt_out if user else trader.opt_out if trader else False
    return Person(
        user_id=user.pk if user else None,
        email=user.email if user else "",
        trader_id=trader.pk if trader else None,
        account_ids=tuple(account.pk for account in accounts),
        names=tuple(sorted((name for name in called if len(name) > 1), key=len, reverse=True)),
        opt_out=opt_out,
    )
