"""Log in, and write down who did and who failed."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from allauth.account.models import EmailAddress
from django.contrib.auth import authenticate
from django.db import transaction

from accounts.models import CustomUser
from accounts.sessions import Pair, open_session
from audit.actions import record
from common.api.errors import Refusal

Source = Literal["api", "console"]


class WrongLogin(Refusal):
    status = 401
    message = "The e-mail address or the password is wrong"
    code = "wrong_login"


class Unverified(Refusal):
    status = 403
    message = "Verify your e-mail address first: follow the link that was mailed to you"
    code = "unverified"


def log_in(*, email: str, password: str, at: datetime) -> Pair:
    """Open a session for whoever knows the password of a verified address."""
    email = email.lower()
    user = authenticate(None, email=email, password=password)
    if not isinstance(user, CustomUser):
        known = CustomUser.objects.filter(email__iexact=email).first()
        record_login("login_failed", known, by=email, at=at)
        raise WrongLogin
    if not EmailAddress.objects.filter(user=user, email__iexact=user.email, verified=True).exists():
        record_login("login_failed", user, by=email, at=at)
        raise Unverified
    with transaction.atomic():
        record_login("login", user, by=user.email, at=at)
        user.last_login = at
        user.save(update_fields=["last_login"])
        return open_session(user, at=at)


def record_login(
    action: Literal["login", "login_failed"],
    user: CustomUser | None,
    *,
    by: str,
    at: datetime,
    source: Source = "api",
) -> None:
    """Write down that somebody came in, or was refused, and by which door."""
    record(
        scope="authentication",
        action=action,
        entity=("custom_user", user.pk if user else None),
        by=by,
        at=at,
        trader_id=user.trader_id if user else None,
        source=(None, source),
    )
