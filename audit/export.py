"""The log as CSV, row by row, however long it is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from audit.values import value
from common.spreadsheet import harmless, line

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from audit.models import LogEntry

COLUMNS = (
    "id", "timestamp", "scope", "action", "entity_type", "entity_id", "user_email",
    "trader_id_snapshot", "changes",
)  # fmt: skip
_AT_ONCE = 2_000


def rows(queryset: QuerySet[LogEntry]) -> Iterator[str]:
    """Yield the lines of a CSV file, header first; a cursor of the server keeps memory flat."""
    yield line(COLUMNS)
    for entry in queryset.values_list(*COLUMNS).iterator(chunk_size=_AT_ONCE):
        yield line([cell(one) for one in entry])


def cell(given: object) -> str:
    """Return a value as the text of a cell that no spreadsheet runs."""
    if given is None:
        return ""
    if isinstance(given, dict):
        return json.dumps(given, ensure_ascii=False)
    return harmless(str(value(given)))
