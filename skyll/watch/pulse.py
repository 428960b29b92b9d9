"""The watch's own heartbeat: a thread of beat and of each worker that looks when no task does.

Without it a dead beat, or a house without workers, would be silent about itself.
"""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import structlog
from django.db import connections

from common import clock, store
from skyll.watch import outage
from skyll.watch.post import tell
from skyll.watch.turns import last_at, turn

log = structlog.get_logger(__name__)

EVERY_SECONDS = 30.0
HUNG_SECONDS = 60.0
MISSING = timedelta(seconds=90)  # three turns


def start(**_: object) -> None:
    """Begin, beside whatever this process does; it ends with the process."""
    threading.Thread(target=_go_on, name="watch", daemon=True).start()


def beat() -> bool:
    """Take the turn that a task should have taken; False where one was taken."""
    at = clock.now()
    try:
        last = last_at()
    except store.Down:
        last = None
    if last is not None and at - last < MISSING:
        return False
    if turn(at):
        tell(at=at)
    return True


def attend() -> None:
    """One beat; while it hangs, as on a database that is stopped and not gone, that is told."""
    one = threading.Thread(target=_beat, name="watch turn", daemon=True)
    one.start()
    one.join(HUNG_SECONDS)
    while one.is_alive():
        outage.missed(clock.now())
        one.join(EVERY_SECONDS)


def _go_on() -> None:
    time.sleep(MISSING.total_seconds())
    while True:
        try:
            attend()
        except Exception:
            log.exception("watch_broke")
        time.sleep(EVERY_SECONDS)


def _beat() -> None:
    try:
        beat()
    except Exception:
        log.exception("watch_broke")
    finally:
        connections.close_all()
