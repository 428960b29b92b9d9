"""What commands name: a log-in by its address, a group by its name, a trader by id or account."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from django.core.management.base import CommandError, CommandParser

from accounts import persons
from accounts.addresses import held_by
from accounts.models import CustomUser
from common.api.errors import Refusal
from common.operator import operator
from traders.models import Group, PlatformAccount, Trader

Mends = Mapping[type[Refusal], str]  # what to do about a refusal


def ask_who(parser: CommandParser) -> None:
    """Let the command be told who runs it, for the log."""
    parser.add_argument(
        "--by", default=operator(), help="who does this, for the log (default: %(default)s)"
    )


@contextmanager
def refusals(mends: Mends) -> Iterator[None]:
    """End the command with the sentence of a refusal, and with how to mend it."""
    try:
        yield
    except Refusal as refusal:
        mend = mends.get(type(refusal))
        raise CommandError(f"{refusal.sentence}: {mend}" if mend else refusal.sentence) from refusal


def user_of(email: str) -> CustomUser:
    """Return the log-in of an address."""
    user = held_by(email.strip()).first()
    if user is None:
        raise CommandError(
            f"There is no log-in with the address {email}: make one with "
            f"manage.py create_user --email {email}"
        )
    return user


def ask_whom(parser: CommandParser) -> None:
    """Let the command be told whose data it is about."""
    whom = parser.add_mutually_exclusive_group(required=True)
    whom.add_argument("email", nargs="?", metavar="EMAIL", help="of the log-in")
    whom.add_argument("--trader", type=int, metavar="ID", help="one without a log-in, by its id")


def person_named(email: str | None, trader: int | None) -> persons.Person:
    """Return whom the command was told of."""
    if email is not None:
        return persons.person_of(user_of(email))
    return persons.person_of_trader(trader_of(trader, None))


def group_of(name: str) -> Group:
    """Return the group of that name."""
    groups = {group.name: group for group in Group.objects.order_by("name")}
    if name in groups:
        return groups[name]
    raise CommandError(
        f"There is no group called {name}: make it in the admin"
        + (f", or take {', '.join(groups)}" if groups else "")
    )


def trader_of(pk: int | None, account: str | None) -> Trader:
    """Return the trader of an id, or of a platform account's id."""
    if pk is not None:
        trader = Trader.objects.select_related("group").filter(pk=pk).first()
        if trader is None:
            raise CommandError(
                f"There is no trader {pk}: find the id in the admin, or name an account with "
                "--account"
            )
        return trader
    owners = PlatformAccount.objects.filter(account=account).select_related("trader__group")
    found = {one.trader_id: one.trader for one in owners}
    if not found:
        raise CommandError(
            f"There is no account {account}: it comes in with the next poll, or is spelled "
            "otherwise; the admin lists accounts and their traders"
        )
    if len(found) > 1:
        told = ", ".join(f"{pk} ({trader})" for pk, trader in sorted(found.items()))
        raise CommandError(
            f"Several traders have an account {account}: name one of them with --trader: {told}"
        )
    return next(iter(found.values()))
