"""Columns of parameters, written as PostgreSQL writes arrays.

psycopg turns every value of a list by itself, which takes several times as long as this.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID


def array(
    values: Iterable[int] | Iterable[UUID] | Iterable[date] | Iterable[datetime | None],
) -> str:
    """Return whole numbers, ids, days or instants as the text of an array.

    The statement names its type. Nothing in them needs quotes but the blanks of instants, which
    isoformat has not.
    """
    return f"{{{','.join(map(_text, values))}}}"


def _text(value: int | UUID | date | None) -> str:
    if value is None:
        return "NULL"
    return value.isoformat() if isinstance(value, datetime) else str(value)
