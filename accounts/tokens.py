"""Access tokens: who stands behind `Authorization: Bearer`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.exceptions import AuthenticationFailed
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.utils import get_md5_hash_password

from common.api.errors import Refusal

if TYPE_CHECKING:
    from rest_framework_simplejwt.tokens import Token

    from accounts.models import CustomUser


SCHEME = b"bearer"


class DeadToken(Refusal):
    status = 401
    message = "The token is invalid, has expired or was used up; log in again"
    code = "dead_token"


def owner(token: Token) -> CustomUser:
    """Return whom a genuine token stands for, with group and trader. 1 query.

    DeadToken when the user is gone or deactivated, or has a new password since.
    """
    people = get_user_model().objects.select_related("group", "trader")
    try:
        user = people.get(pk=int(token[api_settings.USER_ID_CLAIM]))
    except (KeyError, TypeError, ValueError, get_user_model().DoesNotExist) as error:
        raise DeadToken from error
    seal = get_md5_hash_password(user.password)
    if not user.is_active or token.get(api_settings.REVOKE_TOKEN_CLAIM) != seal:
        raise DeadToken
    return user


class TokenAuthentication(JWTAuthentication):
    """`Authorization: Bearer <access token>`; role and group come from the database."""

    def get_raw_token(self, header: bytes) -> bytes | None:
        """Accept any case, and "Bearer Bearer x": people paste the prefix beside one that is there.

        None, as without a header, where another scheme is used.
        """
        words = header.split()
        if not words or words[0].lower() != SCHEME:
            return None
        told = [word for word in words if word.lower() != SCHEME]
        if len(told) != 1:
            raise DeadToken
        return told[0]

    def get_validated_token(self, raw_token: bytes) -> Token:
        try:
            return super().get_validated_token(raw_token)
        except AuthenticationFailed as error:
            raise DeadToken from error

    def get_user(self, validated_token: Token) -> Any:
        return owner(validated_token)
