"""Time inside one poll: it begins at the moment that was passed in and runs on from there."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from common.clock import to_ns


class Watch:
    """The present of a poll, and whether its time is up.

    start           the moment at the door
    budget_seconds  after so long a poll begins nothing new; the rest stays due
    """

    def __init__(self, start: datetime, *, budget_seconds: float) -> None:
        self._start = start
        self._budget = budget_seconds
        self._began = time.monotonic()

    def now(self) -> datetime:
        return self._start + timedelta(seconds=time.monotonic() - self._began)

    def now_ns(self) -> int:
        return to_ns(self.now())

    @property
    def is_up(self) -> bool:
        return time.monotonic() - self._began >= self._budget
