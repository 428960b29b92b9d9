"""Strict limits: how often one account, or one address, may try something.

Counted in PostgreSQL, so that they hold while the fast store is away. The window opens with the
first try and closes after its time; tries beyond the limit do not lengthen it.
"""

from __future__ import annotations

import functools
import math
import re
import unicodedata
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, transaction
from django.db.models import F
from django.utils.crypto import salted_hmac

from accounts.models import Tries
from common.api.errors import Refusal
from common.quota import Quota

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}

# One statement: of many callers at once each gets a count of its own.
_COUNT = """
INSERT INTO accounts_tries AS known (action, who, count, ends_at)
VALUES (%s, %s, 1, %s)
ON CONFLICT (action, who) DO UPDATE SET
    count = CASE WHEN known.ends_at <= %s THEN 1 ELSE LEAST(known.count, %s) + 1 END,
    ends_at = CASE WHEN known.ends_at <= %s THEN EXCLUDED.ends_at ELSE known.ends_at END
RETURNING count, ends_at
"""


class TooManyTries(Refusal):
    status = 429
    message = "Too many tries"
    code = "too_many_tries"

    def __init__(self, quota: Quota, at: datetime) -> None:
        wait = _told(quota.resets_at - at)
        super().__init__(f"Too many tries: try again in {wait}", headers=quota.refusal(at))
        self.is_first = quota.used == quota.limit + 1  # of this window: who logs it, logs it once


class Limit(NamedTuple):
    """At most so many tries in a window."""

    tries: int
    window: timedelta


def read_all() -> None:
    """Refuse to start with a limit that makes no sense."""
    for name in settings.LIMITS:
        limit_of(name)


def limit_of(name: str) -> Limit:
    """Return the limit that settings.LIMITS gives to "<action>.account" or "<action>.address"."""
    if name not in settings.LIMITS:
        raise ImproperlyConfigured(f"settings.LIMITS has no limit for {name}")
    return _parse(name, settings.LIMITS[name])


@functools.cache
def _parse(name: str, text: str) -> Limit:
    found = re.fullmatch(r"([1-9]\d{0,8})/([1-9]\d{0,4})([smhd])", text, re.ASCII)
    if not found:
        raise ImproperlyConfigured(
            f"LIMITS has '{text}' for {name}: set it to tries/window, such as 10/15m (s, m, h, d)"
        )
    tries, length, unit = found.groups()
    return Limit(int(tries), timedelta(**{_UNITS[unit]: int(length)}))


def spend(
    action: str, *, account: str | None = None, address: str | None = None, at: datetime
) -> None:
    """Count one try before its work begins; TooManyTries beyond a limit.

    The address goes first: one that is refused cannot use up the tries of accounts. Committed at
    once, whatever becomes of the work; inside a transaction of the caller it would be undone with
    it, which is an error.
    """
    with transaction.atomic(durable=True, savepoint=False):
        quotas = (_count(f"{action}.{part}", who, at) for part, who in _parts(account, address))
        spent = next((quota for quota in quotas if quota.is_spent), None)
    if spent:
        raise TooManyTries(spent, at)


def forgive(action: str, *, account: str | None = None, address: str | None = None) -> None:
    """Forget the tries: after a right password those of the account, never of the address."""
    for part, who in _parts(account, address):
        Tries.objects.filter(action=f"{action}.{part}", who=_sealed(who)).delete()


def give_back(action: str, *, address: str, at: datetime) -> None:
    """Uncount one try of an address that turned out well: an office shares one."""
    known = Tries.objects.filter(action=f"{action}.address", who=_sealed(address), ends_at__gt=at)
    known.filter(count__gt=0).update(count=F("count") - 1)


def locked(action: str, *, account: str, at: datetime) -> datetime | None:
    """Return until when the next try of an account would be refused, if it would."""
    name = f"{action}.account"
    known = Tries.objects.filter(action=name, who=_sealed(account), ends_at__gt=at)
    return known.filter(count__gte=limit_of(name).tries).values_list("ends_at", flat=True).first()


def _parts(account: str | None, address: str | None) -> list[tuple[str, str]]:
    return [
        (part, who) for part, who in (("address", address), ("account", account)) if who is not None
    ]


def _count(name: str, who: str, at: datetime) -> Quota:
    tries, window = limit_of(name)
    values = (name, _sealed(who), at + window, at, tries + 1, at)  # tells the first refusal
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, values)
        used, ends_at = cursor.fetchone()
    return Quota(tries, used, ends_at)


def _sealed(who: str) -> str:
    """Return what stands for an account or an address in the table: no list of either is kept.

    Folded further than the database folds: no way to write an address has a count of its own.
    """
    plain = unicodedata.normalize("NFKC", who).upper().casefold().strip()
    return salted_hmac("accounts.limits", plain, algorithm="sha256").hexdigest()


def _told(wait: timedelta) -> str:
    minutes = math.ceil(wait / timedelta(minutes=1))
    if minutes > 90:
        return f"{math.ceil(minutes / 60)} hours"
    return f"{minutes} minutes" if minutes > 1 else "a minute"
