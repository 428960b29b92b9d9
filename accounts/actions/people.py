"""What is done to log-ins; each deed and its record share a transaction."""

from __future__ import annotations

from copy import copy
from datetime import datetime

from allauth.account.models import EmailAddress
from django.db import transaction

from accounts.models import CustomUser
from audit.actions import record
from common.api.errors import Refusal
from traders.models import Group, Trader

RECORDED = {
    "email": "email",
    "username": "username",
    "first_name": "first_name",
    "last_name": "last_name",
    "group": "group_id",
    "trader": "trader_id",
    "is_admin": "is_admin",
    "opt_out": "opt_out",
    "is_active": "is_active",
    "is_staff": "is_staff",
    "is_superuser": "is_superuser",
}


class OtherGroup(Refusal):
    status = 400
    message = "The trader belongs to another group"
    code = "other_group"


@transaction.atomic
def rename(*, user: CustomUser, names: dict[str, str], by: CustomUser, at: datetime) -> CustomUser:
    """Change first_name or last_name of `user`."""
    user = CustomUser.objects.select_for_update().get(pk=user.pk)
    before = copy(user)
    for field, name in names.items():
        setattr(user, field, name)
    user.save(update_fields=list(names))
    record_change(before=before, after=user, by=by.email, at=at)
    return user


@transaction.atomic
def set_opt_out(
    *, user: CustomUser, opt_out: bool | None, by: CustomUser, at: datetime
) -> CustomUser:
    """Hide or show `user` in comparative analytics; None toggles."""
    user = CustomUser.objects.select_for_update().get(pk=user.pk)
    wanted = not user.opt_out if opt_out is None else opt_out
    if wanted == user.opt_out:
        return user
    record(
        scope="user_management",
        action="opt_out",
        entity=("custom_user", user.pk),
        by=by.email,
        at=at,
        trader_id=user.trader_id,
        opt_out=(user.opt_out, wanted),
    )
    user.opt_out = wanted
    user.save(update_fields=["opt_out"])
    return user


@transaction.atomic
def create_user(
    *,
    email: str,
    username: str,
    password: str | None,
    group: Group | None,
    trader: Trader | None,
    is_admin: bool = False,
    by: str,
    at: datetime,
) -> CustomUser:
    """Make a log-in with a verified address; without a password until one is set."""
    if trader is not None and (group is None or trader.group_id != group.pk):
        raise OtherGroup
    user = CustomUser(
        email=email.lower(), username=username, group=group, trader=trader, is_admin=is_admin
    )
    user.set_password(password)
    user.save()
    confirm_address(user)
    record_change(before=None, after=user, by=by, at=at)
    return user


def record_change(*, before: CustomUser | None, after: CustomUser, by: str, at: datetime) -> None:
    """Write down what is different about a user; before=None: it was just made."""
    changes = {}
    for name, field in RECORDED.items():
        old, new = getattr(before, field, None), getattr(after, field)
        if old != new and (before or new):
            changes[name] = (old, new)
    if not changes:
        return
    record(
        scope="user_management",
        action="update" if before else "create",
        entity=("custom_user", after.pk),
        by=by,
        at=at,
        trader_id=after.trader_id,
        **changes,
    )


def confirm_address(user: CustomUser) -> None:
    """Take the address of `user` as verified: an operator vouches for it."""
    EmailAddress.objects.update_or_create(
        user=user, email=user.email, defaults={"verified": True, "primary": True}
    )
