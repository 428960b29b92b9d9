"""Fixed tags and categories are retired and come back; nothing of the taxonomy is deleted."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from audit.actions import note
from audit.values import facts
from journal.models import Tag


def retire(*, tag: Tag, by: str, at: datetime) -> Tag:
    """Let a tag, with all that hangs under it, take no new trades; it keeps those that it has."""
    return _set(tag, at, by=by, at=at)


def restore(*, tag: Tag, by: str, at: datetime) -> Tag:
    """Let a retired tag take trades again."""
    return _set(tag, None, by=by, at=at)


@transaction.atomic
def _set(tag: Tag, retired_at: datetime | None, *, by: str, at: datetime) -> Tag:
    held = Tag.objects.select_for_update(no_key=True).get(pk=tag.pk)
    if (held.retired_at is None) == (retired_at is None):
        return held
    before = facts(held)
    held.retired_at = retired_at
    held.save(update_fields=["retired_at"])
    note(entity=("tag", held.pk), before=before, after=facts(held), by=by, at=at, source="console")
    return held
