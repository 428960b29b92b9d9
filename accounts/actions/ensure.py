"""A log-in as a command or the environment wants it: made, brought up to date, or left alone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from accounts import addresses, letters
from accounts.actions.claims import spelled
from accounts.actions.passwords import accept
from accounts.actions.people import change_user, create_user, set_password
from accounts.models import CustomUser, Letter
from audit.actions import Source
from audit.values import Changes, changed, facts
from common import locks


@dataclass(frozen=True, slots=True)
class Ensured:
    """What was done; nothing where all of it was so already."""

    user: CustomUser
    made: bool
    changes: Changes
    new_password: bool
    invited: bool

    def __bool__(self) -> bool:
        return self.made or bool(self.changes) or self.new_password or self.invited


@transaction.atomic
def ensure_user(
    *,
    email: str,
    password: str | None = None,
    invite: bool = False,
    by: str,
    at: datetime,
    source: Source,
    **wanted: Any,
) -> Ensured:
    """Make the log-in of an address, or change what differs from `wanted`. Safe to run twice.

    password  None: as it is; a new log-in gets none
    invite    mail a link to choose one, unless there is one, or a letter that is still good
    wanted    columns of the log-in
    """
    email = spelled(email)
    locks.hold("user", email)
    known = addresses.held_by(email).exclude(addresses.PENDING).first()
    before = facts(known) if known else None
    if known is None:
        name = wanted.pop("username", None) or _free_name(email)
        if password is not None:
            accept(password, user=CustomUser(email=email, username=name), field="password")
        user = create_user(
            email=email, username=name, password=password, by=by, at=at, source=source, **wanted
        )
        new_password = password is not None
    else:
        user = change_user(user=known, by=by, at=at, source=source, **wanted)
        new_password = password is not None and not user.check_password(password)
        if password is not None and new_password:
            accept(password, user=user, field="password")
            set_password(user=user, password=password, by=by, at=at, source=source)
    invited = invite and not user.has_usable_password() and not _invited(email, at=at)
    if invited:
        letters.write("invitation", email=email, at=at)
    return Ensured(user, known is None, changed(before, facts(user)), new_password, invited)


def _free_name(email: str) -> str:
    """Return a username made of an address: the part before the @, or all of it."""
    local = re.sub(r"[^\w.@+-]", "-", email.partition("@")[0])
    return email if CustomUser.objects.filter(username__iexact=local).exists() else local


def _invited(email: str, *, at: datetime) -> bool:
    good_from = at - timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)
    return Letter.objects.filter(kind="invitation", email=email, created_at__gt=good_from).exists()
