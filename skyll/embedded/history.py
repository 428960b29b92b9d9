"""How far the history of the simulated or real provider has been read."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib import import_module

from skyll.embedded import screen

_GLANCE = 2.0  # seconds between two looks
# history_from, watermark_ns, history_done_at, rows_new of a feed of fills
Row = tuple[date, int | None, datetime | None, int]
_STEP = 0.1  # without a terminal: a line per so much of the history


@dataclass(frozen=True)
class Progress:
    """The fills' feeds together; `through` is where the slowest of them stands."""

    share: float
    fills: int
    through: datetime
    done: bool

    def __str__(self) -> str:
        if self.done:
            return f"History: complete, {self.fills:,} fills"
        return f"History: {self.share:.0%}, whole to {self.through:%Y-%m-%d}, {self.fills:,} fills"


class History:
    """Shows the progress, on a terminal as a line that changes, until the history is in."""

    def __init__(self) -> None:
        self._look: Callable[[], Progress | None] | None = None
        self._status = screen.console.status("History")
        self._told = -1.0
        self._next = 0.0
        self._over = False

    def show(self) -> bool:
        """Look at the books if it is time to; cheap enough for every turn of a loop.

        Returns True once: when the history is in.
        """
        if self._over or time.monotonic() < self._next:
            return False
        self._next = time.monotonic() + _GLANCE
        if self._look is None:
            self._look = _looker()
        progress = self._look()
        if progress is None:
            return False
        if progress.done:
            self._over = True
            self._status.stop()
            screen.say(str(progress))
        elif screen.console.is_terminal:
            self._status.update(str(progress))
            self._status.start()
        elif progress.share >= self._told + _STEP:
            self._told = progress.share
            screen.say(str(progress))
        return self._over

    def stop(self) -> None:
        self._status.stop()


def _looker() -> Callable[[], Progress | None]:
    """Return a function that asks the database; Django starts here, after the first answer."""
    import django
    from django.db import DatabaseError, connection

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "skyll.settings")
    django.setup()
    feeds = import_module("ingestion.models").Feed.objects.filter(
        stream="fills", connection__is_active=True
    )
    columns = ("connection__history_from", "watermark_ns", "history_done_at", "rows_new")

    def look() -> Progress | None:
        try:
            rows = list(feeds.values_list(*columns))
        except DatabaseError:
            connection.close()
            return None
        return progress_of(rows, now=datetime.now(UTC)) if rows else None  # noqa: TID251  a door

    return look


def progress_of(rows: list[Row], *, now: datetime) -> Progress:
    """Sum up the feeds; one without a watermark stands at its beginning."""
    shares, standing = [], []
    for since, watermark_ns, done_at, _ in rows:
        at = start = datetime.combine(since, datetime.min.time(), UTC)
        if done_at is not None:
            at = now
        elif watermark_ns is not None:
            at = datetime.fromtimestamp(watermark_ns // 10**9, UTC)
        shares.append(max(0.0, (at - start) / (now - start)))
        standing.append(at)
    return Progress(
        share=sum(shares) / len(shares),
        fills=sum(fills for *_, fills in rows),
        through=min(standing),
        done=all(done_at is not None for _, _, done_at, _ in rows),
    )
