"""The forms by which a second factor is shown: a few tries, counted in PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from django.core.exceptions import ValidationError

from accounts import limits
from accounts.actions.login import record_login
from common import clock
from common.sealed import SealBroken

if TYPE_CHECKING:
    from accounts.models import CustomUser

_LIMIT = "second_factor"
SEAL_BROKEN = "This code cannot be checked any more: ask for your second factor to be removed"


class _Limited:
    """A code of the app, or a recovery code; counted before it is looked at."""

    user: CustomUser

    def clean_code(self) -> Any:
        at = clock.now()
        try:
            limits.spend(_LIMIT, account=self.user.email, at=at)
        except limits.TooManyTries as refusal:
            raise ValidationError(refusal.sentence) from refusal
        try:
            code = super().clean_code()  # type: ignore[misc]
        except SealBroken as broken:
            raise ValidationError(SEAL_BROKEN) from broken
        except ValidationError:
            record_login(
                "login_failed", self.user, by=self.user.email, at=at, source="console",
                reason="wrong_code",
            )  # fmt: skip
            raise
        limits.forgive(_LIMIT, account=self.user.email)
        return code


class CodeAtLogin(_Limited, AuthenticateForm): ...  # type: ignore[misc]


class CodeAgain(_Limited, ReauthenticateForm): ...  # type: ignore[misc]
