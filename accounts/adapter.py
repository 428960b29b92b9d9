"""What allauth asks us when somebody logs in to the console. The API has a log-in of its own."""

from __future__ import annotations

import time
from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.shortcuts import redirect
from django.utils.crypto import constant_time_compare

from accounts import limits
from accounts.actions.login import WrongLogin, authenticated, record_login
from accounts.models import CustomUser
from common import clock
from common.sealed import seal, unseal
from common.throttle import address_of

_PASSWORD = "console_password"  # noqa: S105 - the name of an entry of the session


class ConsoleAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Lets staff in, counts their tries with those of the API, and writes the log."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": WrongLogin.message,
    }

    def get_login_stages(self) -> list[str]:
        """Ask for the second factor; an operator's address needs no verification."""
        return ["allauth.mfa.stages.AuthenticateStage"]

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def authenticate(self, request: HttpRequest, **credentials: Any) -> CustomUser | None:
        """Return whom the password belongs to; to one who is no staff it is a wrong password."""
        email, at = str(credentials["email"]).lower(), clock.now()
        address, password = address_of(request), str(credentials["password"])
        try:
            user = authenticated(
                email=email, password=password, address=address, at=at, source="console"
            )
        except limits.TooManyTries as refusal:
            raise ValidationError(refusal.sentence) from refusal
        except WrongLogin:
            return None
        if not user.is_staff:
            record_login(
                "login_failed", user, by=email, at=at, source="console", reason="not_staff"
            )
            return None
        limits.give_back("login", address=address, at=at)
        limits.forgive("login", account=email)
        request.session[_PASSWORD] = user.get_session_auth_hash()
        return user

    def login(self, request: HttpRequest, user: CustomUser) -> None:
        """Begin the session, after the second factor; what was true at the password still is."""
        given = request.session.pop(_PASSWORD, "")
        known = constant_time_compare(given, user.get_session_auth_hash())
        if not known or not user.is_staff or not user.is_active:
            raise ImmediateHttpResponse(redirect("account_login"))
        with transaction.atomic():
            super().login(request, user)
            record_login("login", user, by=user.email, at=clock.now(), source="console")

    def reauthenticate(self, user: CustomUser, password: str) -> bool:
        found = self.authenticate(self.request, email=user.email, password=password)
        return found is not None and found.pk == user.pk

    def is_reauthentication_required(self, *, app: str, **_: Any) -> bool:
        """Ask for the password again, unless it was given, or a code shown, just now."""
        records = get_authentication_records(self.request, self.request.user)
        latest = max((one["at"] for one in records), default=0.0)
        return bool(time.time() - latest > app_settings.REAUTHENTICATION_TIMEOUT)


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Keeps secrets of authenticator apps sealed in the database."""

    def encrypt(self, text: str) -> str:
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(encrypted_text)
