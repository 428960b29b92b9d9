"""Write the log; the caller's transaction carries the deed and its record together."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Literal

from audit.deeds import Kind, Scope, deeds, scope_of, trader_of
from audit.models import LogEntry
from audit.values import Facts, is_secret, text, value

Source = Literal["api", "console"]

__all__ = ["Kind", "Scope", "Source", "note", "record"]


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

    changes    field=(old, new); made JSON, and dropped where the name says password or token
    trader_id  the trader of the person at that moment
    """
    kind, pk = entity
    LogEntry.objects.create(
        timestamp=at,
        scope=scope,
        action=action,
        entity_type=kind,
        entity_id=pk,
        user_email=text(by, longest=254),
        trader_id_snapshot=trader_id,
        changes={
            field: {"old": value(old), "new": value(new)}
            for field, (old, new) in changes.items()
            if not is_secret(field)
        },
    )


def note(
    *,
    entity: tuple[Kind, int],
    before: Facts | None,
    after: Facts | None,
    by: str,
    at: datetime,
    source: Source | None,
) -> Collection[str]:
    """Write a row for each kind of deed between two states of a row; return which they were.

    before, after  `audit.values.facts` of the row; None: it was not there yet, it is gone
    source         by which door; None: the system did it by itself
    """
    kind, pk = entity
    door = {} if source is None else {"source": (None, source)}
    done = deeds(kind, before, after)
    for action, changes in done.items():
        record(
            scope=scope_of(kind),
            action=action,
            entity=entity,
            by=by,
            at=at,
            trader_id=trader_of(kind, pk, before, after),
            **changes,
            **door,
        )
    return done.keys()
