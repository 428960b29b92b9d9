"""The log as tests read it."""

from __future__ import annotations

from typing import Any

from audit.models import LogEntry


def told(**filters: Any) -> list[tuple[str, dict[str, Any]]]:
    """Return (action, {field: (old, new)}) of each row, oldest first."""
    rows = LogEntry.objects.filter(**filters).order_by("id")
    return [
        (row.action, {name: (one["old"], one["new"]) for name, one in row.changes.items()})
        for row in rows
    ]
