"""What is swept out at night: files of images that no row names any more, or ever did."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from journal import store
from journal.models import Image

log = structlog.get_logger(__name__)

UNCLAIMED = timedelta(days=1)  # far longer than from a file to its row


def prune(*, at: datetime) -> int:
    """Remove files without a row; return how many. Safe to run twice, even at once."""
    pruned = 0
    for month, paths in store.months():
        kept = set(
            Image.objects.filter(path__startswith=f"{month}/").values_list("path", flat=True)
        )
        for path in paths:
            if path not in kept and store.is_older(path, UNCLAIMED, at=at):
                store.drop(path)
                pruned += 1
    if pruned:
        log.info("pruned", table="images without a row", rows=pruned)
    return pruned
