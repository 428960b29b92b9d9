"""Log in, and write down who did and who failed."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from allauth.account.models import EmailAddress
from django.contrib.auth import authenticate
from django.db import transaction

from accounts import limits
from accounts.models import CustomUser
from accounts.sessions import Pair, open_session
from audit.actions import Source, record
from common.api.errors import Refusal

Reason = Literal[
    "wrong_password", "unverified", "deactivated", "too_many", "not_staff", "wrong_code"
]  # fmt: skip


class WrongLogin(Refusal):
    status = 401
    message = "The e-mail address or the password is wrong"
    code = "wrong_login"


class Unverified(Refusal):
    status = 403
    message = "Verify your e-mail address first: follow the link that was mailed to you"
    code = "unverified"


def log_in(*, email: str, password: str, address: str, at: datetime) -> Pair:
    """Open a session for whoever knows the password of a verified address.

    address  where the request comes from
    """
    email = email.lower()
    user = authenticated(email=email, password=password, address=address, at=at, source="api")
    if not EmailAddress.objects.filter(user=user, email__iexact=email, verified=True).exists():
        record_login("login_failed", user, by=email, at=at, source="api", reason="unverified")
        raise Unverified
    pair = _open(user, at=at)
    if pair is None:
        _record_refusal(email, at=at, source="api")
        raise WrongLogin
    limits.give_back("login", address=address, at=at)
    limits.forgive("login", account=email)
    return pair


def authenticated(
    *, email: str, password: str, address: str, at: datetime, source: Source
) -> CustomUser:
    """Return the active user whose present address and password these are.

    The try is counted before the costly hash; who is let in gives it back. All others are refused
    by one answer after one hash, be it the address that is unknown, the password that is wrong or
    missing, or the user that is deactivated.
    """
    try:
        limits.spend("login", account=email, address=address, at=at)
    except limits.TooManyTries as refusal:
        if refusal.is_first:  # of a window: nobody floods the log from outside
            _record_refusal(email, at=at, source=source, reason="too_many")
        raise
    user = authenticate(None, email=email, password=password)
    if not isinstance(user, CustomUser) or user.email.lower() != email:  # a former address of it
        _record_refusal(email, at=at, source=source)
        raise WrongLogin
    return user


def record_login(
    action: Literal["login", "login_failed"],
    user: CustomUser | None,
    *,
    by: str,
    at: datetime,
    source: Source,
    reason: Reason | None = None,
) -> None:
    """Write down a log-in or a refusal, with the trader of that moment; `by` may be nobody's."""
    record(
        scope="authentication",
        action=action,
        entity=("custom_user", user.pk if user else None),
        by=by,
        at=at,
        trader_id=user.trader_id if user else None,
        source=(None, source),
        **({"reason": (None, reason)} if reason else {}),
    )


def _record_refusal(
    email: str, *, at: datetime, source: Source, reason: Reason | None = None
) -> None:
    known = CustomUser.objects.filter(email__iexact=email).first()
    if reason is None:
        reason = "deactivated" if known and not known.is_active else "wrong_password"
    record_login("login_failed", known, by=email, at=at, source=source, reason=reason)


@transaction.atomic
def _open(user: CustomUser, *, at: datetime) -> Pair | None:
    """Open the session and write it down; None if the user changed while the hash was made."""
    same = CustomUser.objects.filter(pk=user.pk, is_active=True, password=user.password)
    now = same.select_for_update(no_key=True).first()
    if now is None:
        return None
    now.last_login = at
    now.save(update_fields=["last_login"])
    record_login("login", now, by=now.email, at=at, source="api")
    return open_session(now, at=at)
