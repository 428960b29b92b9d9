"""What of a deed goes into the log: values that JSON and PostgreSQL take, and no secret.

A record must never make its deed impossible, so a value is mended here and not refused.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Model

Facts = dict[str, Any]
Changes = dict[str, tuple[Any, Any]]  # field: (old, new)

LONGEST_TEXT = 2_000
LONGEST_LIST = 1_000
# Counters and moments that the deed does not consist of.
_UNTOLD = {
    "id", "last_login", "date_joined", "created_at", "books_version", "books_at",
    "candles_version", "journal_version", "settled_version", "rolled_group_id",
}  # fmt: skip
_SECRET = ("password", "token", "secret", "sealed")


def facts(one: Model) -> Facts:
    """Return the columns of a row that the log tells; a foreign key as its id."""
    return {
        field.name: value(getattr(one, field.attname))
        for field in one._meta.concrete_fields
        if field.name not in _UNTOLD and not is_secret(field.name)
    }


def changed(before: Facts | None, after: Facts | None) -> Changes:
    """Return what is different; None: the row is not there, and only what says something counts."""
    old, new = before or {}, after or {}
    found = {name: (old.get(name), new.get(name)) for name in {**old, **new}}
    both = before is not None and after is not None
    return {
        name: (left, right)
        for name, (left, right) in found.items()
        if (left != right if both else left or right)
    }


def is_secret(name: str) -> bool:
    return any(word in name for word in _SECRET)


def text(value: str, longest: int = LONGEST_TEXT) -> str:
    """Return what PostgreSQL takes as text: no NUL, no lone surrogate, not without end."""
    clean = value.replace("\x00", "").encode(errors="replace").decode()
    return clean if len(clean) <= longest else f"{clean[: longest - 1]}…"


def value(given: Any) -> Any:
    """Return `given` as a JSON value."""
    if given is None or isinstance(given, bool | int):
        return given
    if isinstance(given, str):
        return text(given)
    if isinstance(given, float):
        return given if math.isfinite(given) else str(given)
    if isinstance(given, Decimal):
        return str(given)
    if isinstance(given, datetime):
        return _instant(given)
    if isinstance(given, date):
        return given.isoformat()
    if isinstance(given, Model):
        return value(given.pk)
    if isinstance(given, Mapping):
        return {text(str(name)): value(one) for name, one in given.items()}
    if isinstance(given, list | tuple | set | frozenset):
        return [value(one) for one in list(given)[:LONGEST_LIST]]
    return text(str(given))


def _instant(at: datetime) -> str:
    if at.tzinfo is None:
        return at.isoformat()
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
