"""Tokens: what makes one genuine, and who stands behind `Authorization: Bearer`.

Each token names its session by the claim `sid`; one without is of an older release, and dead.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.exceptions import AuthenticationFailed, TokenError
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.tokens import Token, UntypedToken
from rest_framework_simplejwt.utils import get_md5_hash_password

from common import clock
from common.api.errors import Refusal

if TYPE_CHECKING:
    from rest_framework.request import Request

    from accounts.models import Session


SCHEME = b"bearer"
SID = "sid"


class DeadToken(Refusal):
    status = 401
    message = "The token is invalid, has expired or was used up; log in again"
    code = "dead_token"


class SpentToken(DeadToken):
    """Of a session that goes on: another tab was faster, and has the new pair."""

    message = "The refresh token was exchanged a moment ago: go on with the pair that came of it"
    code = "spent_token"


def genuine(token: str, *, kind: Literal["refresh"] | None = None) -> Token:
    """Return a token that we signed and whose time has not run out; nothing is looked up."""
    try:
        known = UntypedToken(token)  # type: ignore[arg-type]
    except TokenError as error:
        raise DeadToken from error
    if kind and known.get(api_settings.TOKEN_TYPE_CLAIM) != kind:
        raise DeadToken
    return known


def session_id(token: Token) -> UUID:
    """Return which session a genuine token is of."""
    try:
        return UUID(token[SID])
    except (KeyError, AttributeError, TypeError, ValueError) as error:
        raise DeadToken from error


def session_of_request(request: Request) -> UUID | None:
    """Return the session of the token that let a request in; None where it was something else."""
    return session_id(request.auth) if isinstance(request.auth, Token) else None


def session_of(token: Token, *, at: datetime) -> Session:
    """Return the session of a genuine token, with its user, group and trader. 1 query.

    DeadToken when the session is over, or its user gone, deactivated or under a new password.
    """
    session = live_session(session_id(token), at=at)
    if session is None:
        raise DeadToken
    if token.get(api_settings.REVOKE_TOKEN_CLAIM) != get_md5_hash_password(session.user.password):
        raise DeadToken
    return session


def live_session(pk: UUID, *, at: datetime) -> Session | None:
    """Return a session that is not over, of a user who is active, with both. 1 query."""
    from accounts.models import Session  # the framework reads this module before there are tables

    return (
        Session.objects.select_related("user__group", "user__trader")
        .filter(pk=pk, ended_at=None, expires_at__gt=at, user__is_active=True)
        .first()
    )


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
        return session_of(validated_token, at=clock.now()).user
