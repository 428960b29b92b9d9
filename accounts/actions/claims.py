"""What only one log-in can have: an address, a name, a trader of its own group."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, transaction

from accounts import addresses
from accounts.models import CustomUser
from common.api.errors import Invalid, Refusal
from traders.actions import lock
from traders.models import Group, Trader


class OtherGroup(Refusal):
    status = 400
    message = "The trader belongs to another group"
    code = "other_group"


class TraderTaken(Refusal):
    status = 409
    message = "The trader has a log-in already: unlink that one first"
    code = "trader_taken"


class AddressTaken(Refusal):
    status = 409
    message = "The e-mail address has a log-in already"
    code = "address_taken"


class UsernameTaken(Refusal):
    status = 409
    message = "The username is taken"
    code = "username_taken"


# By the names of the constraints that keep them apart.
_TAKEN: dict[str, type[Refusal]] = {
    "email": AddressTaken,
    "username": UsernameTaken,
    "trader_id": TraderTaken,
    "user_trader": OtherGroup,
}


def hold_place(*, user_id: int | None, group: Group | None, trader: Trader | None) -> None:
    """OtherGroup or TraderTaken unless this log-in may have `trader` in `group`.

    Holds the trader until the transaction ends, so that it is still so when the log-in is saved.
    """
    if trader is None:
        return
    trader = lock(Trader, trader.pk)
    if group is None or trader.group_id != group.pk:
        raise OtherGroup
    owner = CustomUser.objects.filter(trader=trader).first()
    if owner is not None and owner.pk != user_id:
        raise TraderTaken


def spelled(email: str) -> str:
    """Return an address in our one spelling; Invalid where it cannot be one."""
    try:
        return addresses.spelling(email)
    except ValueError as error:
        raise Invalid("email", "Enter a valid email address.") from error


@contextmanager
def once() -> Iterator[None]:
    """Say whose place is taken where the database finds it out."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        broken = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) or ""
        for part, refusal in _TAKEN.items():
            if part in broken:
                raise refusal from error
        raise
