"""Questions to the database that a queryset begins and plain SQL ends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import BigIntegerField, Func, IntegerField, QuerySet, Value
from django.db.models.expressions import Combinable


def ask_over(rows: QuerySet[Any, Any], sql: str) -> list[tuple[Any, ...]]:
    """Return what `sql` finds in `t`, the rows; none where there can be none. 1 query.

    sql  is ours, not anybody's who asks; a per cent sign doubled
    """
    try:
        inner, given = rows.query.sql_with_params()
    except EmptyResultSet:
        return []
    with connection.cursor() as cursor:
        cursor.execute(f"WITH t AS ({inner}) {sql}", given)
        return list(cursor.fetchall())


def place_among(edges: Sequence[int], value: Combinable) -> Func:
    """Return the number of the bin that holds a value: 0 below the first edge, 1 from it on ..."""
    return Func(
        value,
        Value(list(edges), ArrayField(BigIntegerField())),
        function="width_bucket",
        output_field=IntegerField(),
    )
