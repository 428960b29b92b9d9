"""A trader and its accounts: the rows stay, for the books hang on them; the names go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from django.db.models import F

from accounts.persons.telling import rows_of
from accounts.persons.words import File, Keeper, Person, Rows
from traders.models import PlatformAccount, Trader


def export(person: Person) -> Iterator[Rows | File]:
    traders = Trader.objects.filter(pk__in=person.traders)
    yield Rows(
        "trader", "as whom the group knows the person", rows_of(traders, group="group__name")
    )
    accounts = PlatformAccount.objects.filter(pk__in=person.account_ids).order_by("id")
    yield Rows("accounts", "at the trading provider", rows_of(accounts, platform="platform__name"))


def erase(person: Person, at: datetime) -> Mapping[str, int]:
    """Leave a number. What was hidden from the group stays hidden, answers that are kept die."""
    named = Trader.objects.filter(pk__in=person.traders)
    if person.user_id is None:
        named = named.filter(erased_at=None)
    traders = named.update(
        name=person.former, offices=None, floor=None, stage=None, style=None,
        opt_out=person.opt_out, erased_at=at,
    )  # fmt: skip
    accounts = PlatformAccount.objects.filter(pk__in=person.account_ids)
    if traders:
        accounts.update(
            books_version=F("books_version") + 1,
            settled_version=F("settled_version") + 1,
            journal_version=F("journal_version") + 1,
        )
    return {"traders": traders, "account_names": accounts.exclude(name="").update(name="")}


KEEPER = Keeper(
    name="traders",
    export=export,
    erase=erase,
    tables=("traders.Trader", "traders.PlatformAccount"),
)
