"""What is done to log-ins, by the API, the Django admin and commands.

Each deed and its record share a transaction. Locks are taken in one order everywhere: traders by
id, then log-ins, then accounts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from accounts import addresses
from accounts.actions.claims import hold_place, once, spelled
from accounts.models import CustomUser
from accounts.sessions import end_sessions
from audit.actions import Source, note, record
from audit.values import Facts, facts
from common.api.errors import Invalid, Refusal
from traders.actions import lock
from traders.models import Group, Trader

_GIVEN = ("group", "trader", "is_admin", "is_staff", "is_superuser")


class Unproven(Refusal):
    """Whoever registered another's address would get what is given to it, once it is verified."""

    status = 409
    message = (
        "Nobody has verified the e-mail address of this log-in yet: "
        "make the log-in anew, which replaces what was registered"
    )
    code = "unproven"


class NoLogIn(Refusal):
    status = 404
    message = "There is no such log-in any more"
    code = "no_log_in"


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
    by: str,
    at: datetime,
    source: Source | None,
) -> CustomUser:
    """Make a log-in whose address counts as verified: an operator vouches for it.

    It is in the trader's group if none is named, and has no password until one is set. A
    registration of the address that nobody has verified is replaced.
    """
    email = spelled(email)
    pending = addresses.held_by(email).filter(addresses.PENDING).first()
    if pending is not None:
        delete_user(user=pending, by=by, at=at, source=source)
    if group is None and trader is not None:
        group = trader.group
    user = CustomUser(
        email=email, username=username, first_name=first_name, last_name=last_name,
        group=group, trader=trader, is_admin=is_admin, is_staff=is_staff,
        is_superuser=is_superuser, opt_out=opt_out,
    )  # fmt: skip
    _check(user)
    user.set_password(password)
    hold_place(user_id=None, group=group, trader=trader)
    with once():
        user.save()
    confirm_address(user)
    note_change(before=None, user=user, by=by, at=at, source=source)
    return user


@transaction.atomic
def change_user(
    *, user: CustomUser, by: str, at: datetime, source: Source | None, **fields: Any
) -> CustomUser:
    """Change columns of a log-in (not its password: `set_password`); return it as it is.

    One without a group comes into the group of a trader that it gets; a linked one changes groups
    only together with its trader: `move_trader`.
    """
    placed = not fields.keys().isdisjoint({"group", "trader"})
    user = _locked(user, trader=fields.get("trader") or user.trader if placed else None)
    if user.group_id is None and fields.get("trader") is not None:
        fields.setdefault("group", fields["trader"].group)
    before = facts(user)
    for name, wanted in fields.items():
        setattr(user, name, spelled(wanted) if name == "email" else wanted)
    if facts(user) == before:
        return user
    _check(user)
    if placed:
        hold_place(user_id=user.pk, group=user.group, trader=user.trader)
    if any(fields.get(name) for name in _GIVEN) and _is_pending(user):
        raise Unproven
    with once():
        user.save(update_fields=list(fields))
    _note(user, before, by=by, at=at, source=source)
    return user


def link(
    *, user: CustomUser, trader: Trader | None, by: str, at: datetime, source: Source | None
) -> CustomUser:
    """Show `user` the data of `trader`, who is of its group, or of nobody (None)."""
    return change_user(user=user, by=by, at=at, source=source, trader=trader)


@transaction.atomic
def rename(
    *, user: CustomUser, names: dict[str, str], by: str, at: datetime, source: Source
) -> CustomUser:
    """Change first_name or last_name of `user`."""
    return _changed(_locked(user, no_key=True), names, by=by, at=at, source=source)


@transaction.atomic
def set_opt_out(
    *, user: CustomUser, opt_out: bool | None, by: str, at: datetime, source: Source | None
) -> CustomUser:
    """Hide or show `user` in comparative analytics; None toggles."""
    user = _locked(user, no_key=True)
    wanted = not user.opt_out if opt_out is None else opt_out
    return _changed(user, {"opt_out": wanted}, by=by, at=at, source=source)


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
def delete_user(*, user: CustomUser, by: str, at: datetime, source: Source | None) -> None:
    """Remove a log-in with its sessions; its trader and the log stay, the trader hidden if it was.

    For good and with all that is kept of the person: `accounts.persons.erase`.
    """
    user = _locked(user, trader=user.trader)
    before, pk = known(user).told, user.pk
    _leave(user.trader_id, opt_out=user.opt_out)
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
    held = CustomUser.objects.select_for_update(no_key=no_key).filter(pk=user.pk).first()
    if held is None:
        raise NoLogIn
    return held


def _changed(
    held: CustomUser, fields: Mapping[str, Any], *, by: str, at: datetime, source: Source | None
) -> CustomUser:
    """Return the log-in with these columns, saved and written down where one is new."""
    before = facts(held)
    for name, wanted in fields.items():
        setattr(held, name, wanted)
    if facts(held) != before:
        held.save(update_fields=list(fields))
        _note(held, before, by=by, at=at, source=source)
    return held


def _is_pending(user: CustomUser) -> bool:
    return CustomUser.objects.filter(addresses.PENDING, pk=user.pk).exists()


def _check(user: CustomUser) -> None:
    try:
        user.clean_fields(exclude=["password", "group", "trader"])
    except ValidationError as error:
        name, sentences = next(iter(error.message_dict.items()))
        raise Invalid(name, sentences[0]) from error


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
    if before is not None and before["trader"] != user.trader_id:
        _leave(before["trader"], opt_out=before["opt_out"])
    if "deactivate" in done:
        end_sessions(user, reason="deactivated", at=at)


def _leave(trader_id: int | None, *, opt_out: bool) -> None:
    """Keep with a trader what its log-in said of comparisons: it counts until another is linked."""
    if trader_id is not None:
        Trader.objects.filter(pk=trader_id).update(opt_out=opt_out)


def _new_password(user: CustomUser, *, by: str, at: datetime, source: Source | None) -> None:
    record(
        scope="user_management", action="password", entity=("custom_user", user.pk), by=by, at=at,
        trader_id=user.trader_id, source=(None, source),
    )  # fmt: skip
    end_sessions(user, reason="password", at=at)
