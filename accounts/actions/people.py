"""What is done to log-ins, by the API, the Django admin and commands.

Each deed and its record share a transaction. Locks are taken in one order everywhere: traders by
id, then log-ins, then accounts.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q

from accounts.models import CustomUser
from accounts.sessions import end_sessions
from audit.actions import Source, note, record
from audit.values import Facts, facts
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


@dataclass(frozen=True, slots=True)
class Known:
    """A log-in as it was: what the log may tell of it, and by what a new password is noticed."""

    told: Facts
    password: str = field(repr=False)


@transaction.atomic
def create_user(
    *,
    email: str,
    username: str,
    password: str | None,
    group: Group | None = None,
    trader: Trader | None = None,
    is_admin: bool = False,
    is_staff: bool = False,
    is_superuser: bool = False,
    opt_out: bool = False,
    first_name: str = "",
    last_name: str = "",
    verified: bool = True,
    by: str,
    at: datetime,
    source: Source | None,
) -> CustomUser:
    """Make a log-in; without a password until one is set, in the trader's group if none is named.

    verified  an operator vouches for the address
    """
    if group is None and trader is not None:
        group = trader.group
    user = CustomUser(
        email=email.lower(), username=username, first_name=first_name, last_name=last_name,
        group=group, trader=trader, is_admin=is_admin, is_staff=is_staff,
        is_superuser=is_superuser, opt_out=opt_out,
    )  # fmt: skip
    _check(user)
    user.set_password(password)
    hold_place(user_id=None, group=group, trader=trader)
    with _once():
        user.save()
    if verified:
        confirm_address(user)
    note_change(before=None, user=user, by=by, at=at, source=source)
    return user


@transaction.atomic
def change_user(
    *, user: CustomUser, by: str, at: datetime, source: Source | None, **fields: Any
) -> CustomUser:
    """Change columns of a log-in (not its password: `set_password`); return it as it is.

    A linked log-in changes groups only together with its trader: `move_trader`.
    """
    placed = not fields.keys().isdisjoint({"group", "trader"})
    user = _locked(user, trader=fields.get("trader") or user.trader if placed else None)
    before = facts(user)
    for name, wanted in fields.items():
        setattr(user, name, wanted)
    user.email = user.email.lower()
    if facts(user) == before:
        return user
    _check(user)
    if placed:
        hold_place(user_id=user.pk, group=user.group, trader=user.trader)
    with _once():
        user.save(update_fields=list(fields))
    _note(user, before, by=by, at=at, source=source)
    return user


def link(
    *, user: CustomUser, trader: Trader | None, by: str, at: datetime, source: Source | None
) -> CustomUser:
    """Show `user` the data of `trader`, or of nobody (None).

    One without a group comes into the trader's; a trader of another group is refused.
    """
    if trader is not None and user.group_id is None:
        return change_user(
            user=user, by=by, at=at, source=source, trader=trader, group=trader.group
        )
    return change_user(user=user, by=by, at=at, source=source, trader=trader)


@transaction.atomic
def rename(
    *, user: CustomUser, names: dict[str, str], by: str, at: datetime, source: Source
) -> CustomUser:
    """Change first_name or last_name of `user`."""
    user = _locked(user, no_key=True)
    before = facts(user)
    for name, wanted in names.items():
        setattr(user, name, wanted)
    if facts(user) != before:
        user.save(update_fields=list(names))
        _note(user, before, by=by, at=at, source=source)
    return user


@transaction.atomic
def set_opt_out(
    *, user: CustomUser, opt_out: bool | None, by: str, at: datetime, source: Source | None
) -> CustomUser:
    """Hide or show `user` in comparative analytics; None toggles."""
    user = _locked(user, no_key=True)
    before = facts(user)
    user.opt_out = not user.opt_out if opt_out is None else opt_out
    if facts(user) != before:
        user.save(update_fields=["opt_out"])
        _note(user, before, by=by, at=at, source=source)
    return user


@transaction.atomic
def set_password(
    *, user: CustomUser, password: str | None, by: str, at: datetime, source: Source
) -> CustomUser:
    """Give a new password, or take it away (None); every session ends."""
    user = _locked(user, no_key=True)
    user.set_password(password)
    user.save(update_fields=["password"])
    _new_password(user, by=by, at=at, source=source)
    return user


@transaction.atomic
def delete_user(*, user: CustomUser, by: str, at: datetime, source: Source) -> None:
    """Remove a log-in with its sessions; its trader and the log stay."""
    user = _locked(user)
    before, pk = known(user).told, user.pk
    user.delete()
    note(entity=("custom_user", pk), before=before, after=None, by=by, at=at, source=source)


def known(user: CustomUser) -> Known:
    """Return `user`, freshly read, with its rights, before a form saves it. 2 queries."""
    rights = {
        "permission_groups": sorted(user.groups.values_list("name", flat=True)),
        "permissions": sorted(
            f"{app}.{name}"
            for app, name in user.user_permissions.values_list(
                "content_type__app_label", "codename"
            )
        ),
    }
    return Known({**facts(user), **rights}, user.password)


@transaction.atomic
def note_change(
    *, before: Known | None, user: CustomUser, by: str, at: datetime, source: Source | None
) -> None:
    """Write down what has become of `user`, and end the sessions that must end.

    For whoever saves by itself, as a form does: before its transaction ends, many-to-many rows
    written. A new address counts as verified: an operator vouches for it.

    before  None: `user` was just made
    """
    told = None if before is None else before.told
    _note(user, told, known(user).told, by=by, at=at, source=source)
    if before is not None and before.password != user.password:
        _new_password(user, by=by, at=at, source=source)


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


def confirm_address(user: CustomUser) -> None:
    """Take the address of `user`, and no other, as verified and its own."""
    EmailAddress.objects.filter(Q(user=user) | Q(email__iexact=user.email)).exclude(
        user=user, email=user.email
    ).delete()
    EmailAddress.objects.update_or_create(
        user=user, email=user.email, defaults={"verified": True, "primary": True}
    )


def _locked(user: CustomUser, *, trader: Trader | None = None, no_key: bool = False) -> CustomUser:
    """Return the log-in as it is now, held until the transaction ends, after its trader.

    no_key  no column that others point at will change: who only points at it need not wait
    """
    if trader is not None:
        lock(Trader, trader.pk)
    return CustomUser.objects.select_for_update(no_key=no_key).get(pk=user.pk)


def _check(user: CustomUser) -> None:
    try:
        user.clean_fields(exclude=["password", "group", "trader"])
    except ValidationError as error:
        name, sentences = next(iter(error.message_dict.items()))
        raise Invalid(name, sentences[0]) from error


@contextmanager
def _once() -> Iterator[None]:
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


def _note(
    user: CustomUser,
    before: Facts | None,
    after: Facts | None = None,
    *,
    by: str,
    at: datetime,
    source: Source | None,
) -> None:
    """Write down what has become of `user`, and do what follows from it."""
    done = note(
        entity=("custom_user", user.pk), before=before, after=after or facts(user), by=by, at=at,
        source=source,
    )  # fmt: skip
    if before is not None and before["email"] != user.email:
        confirm_address(user)
    if "deactivate" in done:
        end_sessions(user, reason="deactivated", at=at)


def _new_password(user: CustomUser, *, by: str, at: datetime, source: Source | None) -> None:
    record(
        scope="user_management", action="password", entity=("custom_user", user.pk), by=by, at=at,
        trader_id=user.trader_id, source=(None, source),
    )  # fmt: skip
    end_sessions(user, reason="password", at=at)
