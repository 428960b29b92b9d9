"""Tokens: what makes one genuine, and who stands behind `Authorization: Bearer`.

Each token names its session by the claim `sid`; one without is of an older release, and dead.
"""

from __future__ import annotations

from copy import copy
from datetime import datetime
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.exceptions import AuthenticationFailed, TokenError
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.tokens import Token, UntypedToken
from rest_framework_simplejwt.utils import get_md5_hash_password

from common import clock
from common.api.errors import Refusal
from common.prepared import prepared

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet
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
    """Return a session that is not over, of a user who is active, with both. 1 query.

    Every request asks this: the rows are made into objects here, which the ORM does as well, and
    in ten times the time.
    """
    rows = _live(pk=pk, at=at)
    if not rows:
        return None
    made: dict[str, Any] = {}
    start = 0
    for path, model, columns in _parts():
        values = rows[0][start : start + len(columns)]
        start += len(columns)
        made[path] = model.from_db("default", columns, values) if values[0] is not None else None
    user = made["user__"]
    user.group, user.trader = made["user__group__"], made["user__trader__"]
    session: Session = made[""]
    session.user = user
    return session


@cache
def _parts() -> tuple[tuple[str, type[Model], tuple[str, ...]], ...]:
    """Return what a session is read with: the way there, the model, its columns, the key first."""
    from accounts.models import CustomUser, Session  # the framework reads this module before them
    from traders.models import Group, Trader

    parts = {"": Session, "user__": CustomUser, "user__group__": Group, "user__trader__": Trader}
    return tuple(
        (path, model, tuple(field.attname for field in model._meta.concrete_fields))
        for path, model in parts.items()
    )


@prepared
def _live(*, pk: UUID, at: datetime) -> QuerySet[Session, Any]:
    from accounts.models import Session

    live = Session.objects.filter(pk=pk, ended_at=None, expires_at__gt=at, user__is_active=True)
    return live.values_list(*(path + name for path, _, columns in _parts() for name in columns))


@lru_cache(maxsize=1024)
def _signed(raw: bytes, key: str) -> Token:
    """Return an access token whose signature is right, which it stays under this key.

    Whether its time has run out is for the caller to see, each time.
    """
    return JWTAuthentication().get_validated_token(raw)


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
            token = copy(_signed(raw_token, str(api_settings.SIGNING_KEY)))
            token.check_exp(current_time=clock.now())
        except (AuthenticationFailed, TokenError) as error:
            raise DeadToken from error
        return token

    def get_user(self, validated_token: Token) -> Any:
        return session_of(validated_token, at=clock.now()).user
