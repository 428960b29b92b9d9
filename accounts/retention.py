"""What is swept out at night: rows whose time is over, in batches that hold nobody up."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import structlog
from allauth.account import app_settings as allauth
from allauth.account.models import EmailConfirmation
from django.contrib.sessions.models import Session as ConsoleSession
from django.db import transaction
from django.db.models import Q, QuerySet
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken

from accounts.models import Letter, Session, Tries

log = structlog.get_logger(__name__)

AT_ONCE = 5_000
KEEP = timedelta(days=30)  # sessions that are over, letters that are done
# A token on its last second must find its row, whatever the clocks of our machines say.
KEEP_TOKENS = timedelta(days=1)


def prune(*, at: datetime) -> int:
    """Delete what is over at `at`; return how many rows. Safe to run twice, even at once."""
    return sum(_sweep(rows) for rows in _over(at))


def _over(at: datetime) -> tuple[QuerySet[Any], ...]:
    old = at - KEEP
    unanswered = at - timedelta(days=allauth.EMAIL_CONFIRMATION_EXPIRE_DAYS)
    return (
        OutstandingToken.objects.filter(expires_at__lt=at - KEEP_TOKENS),
        Session.objects.filter(Q(ended_at__lt=old) | Q(expires_at__lt=old)),
        Tries.objects.filter(ends_at__lt=at),
        Letter.objects.filter(done_at__lt=old),
        EmailConfirmation.objects.filter(
            Q(sent__lt=unanswered) | Q(sent=None, created__lt=unanswered)
        ),
        ConsoleSession.objects.filter(expire_date__lt=at),
    )


def _sweep(rows: QuerySet[Any]) -> int:
    """Delete `rows` batch by batch in the order of their key, so that what stays is read once."""
    pruned, ahead = 0, rows
    while keys := list(ahead.order_by("pk").values_list("pk", flat=True)[:AT_ONCE]):
        with transaction.atomic():
            pruned += _delete(rows, keys)
        log.info("pruned", table=rows.model._meta.db_table, rows=pruned)
        ahead = rows.filter(pk__gt=keys[-1])
    return pruned


def _delete(rows: QuerySet[Any], keys: list[Any]) -> int:
    """Delete what is still over: a count may have begun a new window since it was read."""
    if rows.model is OutstandingToken:
        BlacklistedToken.objects.filter(token__in=keys)._raw_delete(rows.db)
    return rows.filter(pk__in=keys)._raw_delete(rows.db)
