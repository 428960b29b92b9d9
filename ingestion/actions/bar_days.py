"""Days of bars that are asked for once more."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import DateTimeField, F
from django.db.models.functions import Cast

from ingestion.models import BarDay, Feed, Stream


@transaction.atomic
def ask_bars_again(bar_days: Collection[int], *, at: datetime) -> int:
    """Let these days be read again from their beginning, with the next poll; return how many.

    A poll that is reading one of them now does not count as that. Days before those that a
    connection brings in are not asked for any more, nor those that nobody traded or held by now.
    """
    rows = BarDay.objects.filter(id__in=bar_days)
    count = rows.update(read_until=Cast(F("day"), DateTimeField()))
    Feed.objects.filter(stream=Stream.BARS, connection__bar_days__in=bar_days).update(due_at=at)
    return count
