"""Sessions: pairs of tokens, each pair bought with the refresh token of the one before.

The database keeps the ids of refresh tokens, never the tokens. Every token names its session, so
that ending the session is all it takes to kill the whole family, access tokens included; whatever
a concurrent request issues for it meanwhile is born dead.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import structlog
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session as ConsoleSession
from django.db import connection, transaction
from django.db.models import QuerySet
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken
from rest_framework_simplejwt.tokens import BlacklistMixin, RefreshToken, Token
from rest_framework_simplejwt.utils import datetime_from_epoch

from accounts import limits
from accounts.models import CustomUser, Session
from accounts.tokens import SID, DeadToken, SpentToken, genuine, session_id, session_of
from audit.actions import record

log = structlog.get_logger(__name__)

Reason = Literal["revoked", "replayed", "password", "deactivated", "operator"]
# get_or_create() has one winner too, but by way of errors: of sixteen at once fifteen would log
# one in PostgreSQL. bulk_create(ignore_conflicts) cannot say whose row went in. RETURNING can.
SPEND = """
    INSERT INTO token_blacklist_blacklistedtoken (token_id, blacklisted_at)
    SELECT id, %s FROM token_blacklist_outstandingtoken WHERE jti = %s
    ON CONFLICT (token_id) DO NOTHING
    RETURNING id
"""


@dataclass(frozen=True)
class Pair:
    """What a client gets to prove who it is, and to go on doing so."""

    user: CustomUser
    access_token: str
    refresh_token: str


@transaction.atomic
def open_session(user: CustomUser, *, at: datetime) -> Pair:
    """Begin a session that ends at the latest SESSION_DAYS from now. 2 queries."""
    session = Session.objects.create(
        user=user, opened_at=at, expires_at=at + timedelta(days=settings.SESSION_DAYS)
    )
    return _issue(session, at=at)


def renew(refresh: str, *, address: str, at: datetime) -> Pair:
    """Exchange a refresh token for a new pair; of many concurrent uses exactly one succeeds.

    address  where the request comes from

    Those that come too late get nothing; one that comes much too late ends the session, for one
    of two parties has stolen the token.
    """
    limits.spend("refresh", address=address, at=at)
    token = genuine(refresh, kind="refresh")
    session = session_of(token, at=at)
    limits.spend("refresh", account=session.user.email, at=at)
    with transaction.atomic():
        if _spend(token, at=at):
            return _issue(session, at=at)
    spent_at = _spent_at(token)
    if spent_at and at - spent_at <= timedelta(seconds=settings.REPLAY_GRACE_SECONDS):
        raise SpentToken
    if spent_at:
        _end_replayed(session, at=at)
    raise DeadToken


def revoke(refresh: str, *, at: datetime) -> None:
    """End the session of a refresh token, spent or not, for good; over already: nothing to do."""
    token = genuine(refresh, kind="refresh")
    _end(Session.objects.filter(pk=session_id(token)), reason="revoked", at=at)


def verify(token: str, *, at: datetime) -> None:
    """DeadToken unless an access or refresh token is still good."""
    known = genuine(token)
    session_of(known, at=at)
    if known[api_settings.TOKEN_TYPE_CLAIM] == RefreshToken.token_type and _spent_at(known):
        raise DeadToken


def end_sessions(user: CustomUser, *, reason: Reason, at: datetime) -> int:
    """End every session of `user`; return how many there were."""
    return _end(Session.objects.filter(user=user, expires_at__gt=at), reason=reason, at=at)


def end_console(user: CustomUser, *, at: datetime) -> int:
    """End the sessions of the console that are this user's; few people have any."""
    live = ConsoleSession.objects.filter(expire_date__gt=at)
    mine = [one.pk for one in live if one.get_decoded().get(SESSION_KEY) == str(user.pk)]
    ended, _ = ConsoleSession.objects.filter(pk__in=mine).delete()
    return ended


def _issue(session: Session, *, at: datetime) -> Pair:
    """Make a pair that does not outlive its session, and note the refresh token's id. 1 query.

    The pair is sealed with the password that `session.user` was read with: one that has been
    changed since kills it.
    """
    left = session.expires_at - at
    refresh: RefreshToken = super(BlacklistMixin, RefreshToken).for_user(session.user)
    refresh[SID] = str(session.pk)
    refresh.set_iat(at_time=at)
    refresh.set_exp(from_time=at, lifetime=min(api_settings.REFRESH_TOKEN_LIFETIME, left))
    access = refresh.access_token
    access.set_iat(at_time=at)
    access.set_exp(from_time=at, lifetime=min(api_settings.ACCESS_TOKEN_LIFETIME, left))
    OutstandingToken.objects.create(
        user=session.user,
        jti=refresh["jti"],
        token="",
        created_at=at,
        expires_at=datetime_from_epoch(refresh["exp"]),
    )
    return Pair(session.user, str(access), str(refresh))


def _spend(token: Token, *, at: datetime) -> bool:
    """Write a refresh token off; True for the one caller whose row the unique key let in.

    A second caller waits here until the first has committed, so that either both see a winner or
    the second becomes it.
    """
    with connection.cursor() as cursor:
        cursor.execute(SPEND, [at, token["jti"]])
        return cursor.fetchone() is not None


def _spent_at(token: Token) -> datetime | None:
    spent = BlacklistedToken.objects.filter(token__jti=token["jti"])
    return spent.values_list("blacklisted_at", flat=True).first()


def _end(sessions: QuerySet[Session], *, reason: Reason, at: datetime) -> int:
    return sessions.filter(ended_at=None).update(ended_at=at, end_reason=reason)


@transaction.atomic(durable=True)  # it stands although the request is refused
def _end_replayed(session: Session, *, at: datetime) -> None:
    """End the session of a token that was used again, and write it down once."""
    if not _end(Session.objects.filter(pk=session.pk), reason="replayed", at=at):
        return
    user = session.user
    record(
        scope="authentication",
        action="session_replayed",
        entity=("custom_user", user.pk),
        by=user.email,
        at=at,
        trader_id=user.trader_id,
        source=(None, "api"),
        session=(str(session.pk), None),
    )
    log.warning("session_replayed", user=user.pk, session=str(session.pk))
