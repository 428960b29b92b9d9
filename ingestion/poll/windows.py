"""Windows of the provider's receive time, and how far the watermark may move. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

SECOND = 1_000_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

OVERLAP = 15 * MINUTE  # read again with each poll
SETTLES_AFTER = HOUR  # the provider's ledger is minutes late; after an hour a stretch is whole
SKEW = 5 * MINUTE  # the provider's clock may run ahead of ours
RESCAN = 7 * DAY

MOST_ROWS = 20_000  # of one window, about
FEW_ROWS = 5_000
FIRST_STEP_SECONDS = 86_400
SHORTEST_STEP_SECONDS = 600
LONGEST_STEP_SECONDS = 32 * 86_400


class Window(NamedTuple):
    """Both ends included, nanoseconds since 1970; `is_live` when it reaches the present."""

    since_ns: int
    until_ns: int
    is_live: bool


@dataclass(frozen=True, slots=True)
class History:
    """How much of the history is in: nanoseconds since 1970."""

    from_ns: int
    watermark_ns: int
    now_ns: int

    @property
    def percent(self) -> int:
        whole = max(1, self.now_ns - SETTLES_AFTER - self.from_ns)
        return max(0, min(100, 100 * (self.watermark_ns - self.from_ns) // whole))


def start_of(day: date) -> int:
    """Return the first nanosecond of a UTC day."""
    return (day - date(1970, 1, 1)).days * DAY


def next_window(watermark_ns: int, now_ns: int, step_seconds: int) -> Window:
    """Return what to read next: from before the watermark, on to the present or a step of history.

    The last stretch before the present is one window with it. A watermark in the future, left by
    a clock that ran ahead, counts as the present.
    """
    watermark_ns = min(watermark_ns, now_ns)
    until = watermark_ns + max(step_seconds * SECOND, SETTLES_AFTER)
    is_live = until >= now_ns - SETTLES_AFTER
    return Window(watermark_ns - OVERLAP, now_ns + SKEW if is_live else until, is_live)


def moved(watermark_ns: int, window: Window, newest_ns: int | None, now_ns: int) -> int:
    """Return the watermark after the whole window has been read; never less than before, but
    never in the future either, where a clock that ran ahead may have left it.

    newest_ns  the newest receive stamp in the window. Within the last hour only what has been
               seen counts, and a stamp from the future counts as now
    """
    settled = min(window.until_ns, now_ns - SETTLES_AFTER)
    seen = min(newest_ns, now_ns) if newest_ns is not None else settled
    return max(min(watermark_ns, now_ns), settled, seen)


def next_step(step_seconds: int, rows: int, *, halved: bool) -> int:
    """Return the step of the next window of history: smaller after many rows, larger after few."""
    if halved or rows > MOST_ROWS:
        step_seconds //= 2
    elif rows < FEW_ROWS:
        step_seconds *= 2
    return max(SHORTEST_STEP_SECONDS, min(LONGEST_STEP_SECONDS, step_seconds))
