"""Sessions: a pair of tokens, renewed by a refresh token that works exactly once.

The database keeps the ids of refresh tokens, never the tokens.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken
from rest_framework_simplejwt.tokens import BlacklistMixin, RefreshToken, Token, UntypedToken
from rest_framework_simplejwt.utils import datetime_from_epoch

from accounts.models import CustomUser
from accounts.tokens import DeadToken, owner


@dataclass(frozen=True)
class Session:
    """What a client gets to prove who it is, and to go on doing so."""

    user: CustomUser
    access_token: str
    refresh_token: str


def open_session(user: CustomUser) -> Session:
    """Return a new pair of tokens. 1 query."""
    refresh: RefreshToken = super(BlacklistMixin, RefreshToken).for_user(user)  # no raw token kept
    OutstandingToken.objects.create(
        user=user,
        jti=refresh["jti"],
        token="",
        created_at=refresh.current_time,
        expires_at=datetime_from_epoch(refresh["exp"]),
    )
    return Session(user, str(refresh.access_token), str(refresh))


@transaction.atomic
def renew(refresh: str) -> Session:
    """Exchange a refresh token for a new pair; of many concurrent uses exactly one succeeds."""
    token = _genuine(refresh)
    user = owner(token)
    if not _spend(token):
        raise DeadToken
    return open_session(user)


def revoke(refresh: str) -> None:
    """End a session for good: its refresh token is spent without a successor."""
    _spend(_genuine(refresh))


def verify(token: str) -> None:
    """DeadToken unless an access or refresh token is still good."""
    try:
        genuine = UntypedToken(token)  # type: ignore[arg-type]
    except TokenError as error:
        raise DeadToken from error
    if BlacklistedToken.objects.filter(token__jti=genuine["jti"]).exists():
        raise DeadToken
    owner(genuine)


def _genuine(refresh: str) -> RefreshToken:
    try:
        return RefreshToken(refresh)  # type: ignore[arg-type]
    except TokenError as error:
        raise DeadToken from error


def _spend(token: Token) -> bool:
    """Write a refresh token off; True for the one caller whose row the unique key let in."""
    issued, _ = OutstandingToken.objects.get_or_create(
        jti=token["jti"], defaults={"expires_at": datetime_from_epoch(token["exp"])}
    )
    _, first = BlacklistedToken.objects.get_or_create(token=issued)
    return first
