"""Write the log; the caller's transaction carries the deed and its record together."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from audit.models import LogEntry

Scope = Literal["authentication", "user_management"]
Kind = Literal["custom_user", "trader", "group", "trader_platform"]


def record(
    *,
    scope: Scope,
    action: str,
    entity: tuple[Kind, int | None],
    by: str,
    at: datetime,
    trader_id: int | None = None,
    **changes: tuple[Any, Any],
) -> None:
    """Write down that `by` (an e-mail address; empty for the system) did `action` to `entity`.

    changes    field=(old, new), JSON values; never a password or a token
    trader_id  the trader of the person at that moment
    """
    kind, pk = entity
    LogEntry.objects.create(
        timestamp=at,
        scope=scope,
        action=action,
        entity_type=kind,
        entity_id=pk,
        user_email=by,
        trader_id_snapshot=trader_id,
        changes={field: {"old": old, "new": new} for field, (old, new) in changes.items()},
    )
