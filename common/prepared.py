"""Queries whose SQL is made once in a process and then asked again and again, with other values.

Django writes the SQL of a queryset anew each time, which takes longer than PostgreSQL takes to
answer; and to plan it takes PostgreSQL longer than to answer it. What every request asks is worth
remembering on both sides.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from common import way

# Stand for the values while the SQL is made; no real value is one of them.
_INTS = range(-(2**62) + 11, 0, 7_919)
_KINDS: dict[str, Callable[[int], Any]] = {
    "int": lambda n: _INTS[n],
    "UUID": lambda n: UUID(int=2**127 - 7_919 * (n + 1)),
    "datetime": lambda n: datetime(1, 2, 3, 4, 5, 6, n + 1, tzinfo=UTC),
}


def prepared(build: Callable[..., QuerySet[Any, Any]]) -> Callable[..., list[tuple[Any, ...]]]:
    """Let a function that builds a values_list() return its rows, as PostgreSQL gives them.

    Its arguments are keyword-only int, UUID or datetime, none of them None; each stands in the
    conditions as it is, and nothing else depends on it: the SQL is that of the first call.
    """

    @functools.cache
    def made() -> tuple[str, tuple[tuple[str | None, Any], ...]]:
        kinds = {
            name: str(getattr(kind, "__name__", kind))
            for name, kind in build.__annotations__.items()
            if name != "return"
        }
        stand_ins = {name: _KINDS[kind](n) for n, (name, kind) in enumerate(kinds.items())}
        sql, values = build(**stand_ins).query.sql_with_params()
        names = {value: name for name, value in stand_ins.items()}
        places = tuple((names.get(value), value) for value in values)
        if missing := set(stand_ins) - {name for name, _ in places}:
            raise TypeError(f"{build.__qualname__}: {missing} is no plain value of a condition")
        return sql, places

    def said(given: dict[str, Any]) -> tuple[str, list[Any]]:
        sql, places = made()
        return sql, [given[name] if name else value for name, value in places]

    @functools.wraps(build)
    def rows(**given: Any) -> list[tuple[Any, ...]]:
        with connection.prepared_cursor(is_step=True) as cursor:  # type: ignore[attr-defined]
            cursor.execute(*said(given))
            found: list[tuple[Any, ...]] = cursor.fetchall()
        way.took(said, given, found)
        return found

    return rows
