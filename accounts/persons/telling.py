"""Rows of tables as JSON values: times in UTC, money as exact text."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

AT_ONCE = 2_000
_NS = 1_000_000_000


def rows_of(
    found: QuerySet[Any], *, without: tuple[str, ...] = (), **more: str
) -> Iterator[dict[str, Any]]:
    """Yield the columns of rows, a few thousand in memory at once.

    without  columns that are nobody's to read
    more     name=lookup of what another table says of it, e.g. contract="contract__name"
    """
    columns = [
        one.attname for one in found.model._meta.concrete_fields if one.attname not in without
    ]
    names = [*columns, *more.values()]
    told = [*columns, *more]
    for row in found.values_list(*names).iterator(chunk_size=AT_ONCE):
        yield dict(value(*pair) for pair in zip(told, row, strict=True))


def value(name: str, given: Any) -> tuple[str, Any]:
    """Return a column as JSON has it; nanoseconds become an instant, and `_ns` an `_at`."""
    if name.endswith("_ns"):
        return f"{name.removesuffix('_ns')}_at", None if given is None else _instant(given)
    if isinstance(given, Decimal):
        return name, f"{given:f}"
    if isinstance(given, datetime):
        return name, given.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(given, date):
        return name, given.isoformat()
    if isinstance(given, UUID):
        return name, str(given)
    return name, given


def _instant(ns: int) -> str:
    seconds, rest = divmod(ns, _NS)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest:09}Z"
