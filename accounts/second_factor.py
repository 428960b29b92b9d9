"""The second factor of staff: who has one, and whether a session of the console has shown it.

Kept by allauth.mfa: an authenticator app (TOTP) and recovery codes.
"""

from __future__ import annotations

from datetime import datetime
from enum import Enum, auto

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest

from accounts.models import CustomUser
from audit.actions import record


class Standing(Enum):
    """What a session of the console still owes."""

    NOTHING = auto()
    TO_SET = auto()
    TO_SHOW = auto()


def standing(request: HttpRequest) -> Standing:
    """Return what the session of a request owes. 1 query.

    Only an authenticator that the user has now counts: a session from before the factor was set,
    or one that showed a factor since removed, has to show the new one.
    """
    user = request.user
    owned = set(Authenticator.objects.filter(user_id=user.pk).values_list("pk", flat=True))
    if not owned:
        return Standing.TO_SET if settings.SECOND_FACTOR_REQUIRED else Standing.NOTHING
    records = get_authentication_records(request, user)
    shown = {one.get("id") for one in records if one.get("method") == "mfa"}
    return Standing.NOTHING if shown & owned else Standing.TO_SHOW


def shown(request: HttpRequest, user: CustomUser) -> None:
    """Note that this session has just shown the user's authenticator."""
    for one in Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP):
        record_authentication(request, user, "mfa", id=one.pk, type=one.type)


def note(*, user: CustomUser, is_set: bool, by: str, at: datetime) -> None:
    """Write down that a second factor was set or removed."""
    record(
        scope="user_management",
        action="second_factor",
        entity=("custom_user", user.pk),
        by=by,
        at=at,
        trader_id=user.trader_id,
        second_factor=(not is_set, is_set),
        source=(None, "console"),
    )


@transaction.atomic
def remove(*, user: CustomUser, by: str, at: datetime) -> bool:
    """Take the second factor of `user` away, recovery codes too; False: there was none."""
    removed, _ = Authenticator.objects.filter(user=user).delete()
    if removed:
        note(user=user, is_set=False, by=by, at=at)
    return bool(removed)
