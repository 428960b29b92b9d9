"""What is counted and timed for Prometheus, of all processes together.

Web processes, workers and commands come and go, on several machines; so none of them is asked.
Each adds to numbers of its own and, every second, hands what is new to the fast store, which adds
it up. A total therefore never falls when a process dies: what dies with it is the last second.
While the store is away each keeps what is new and hands it over later, once.

Nothing is counted, and no thread runs, unless METRICS_TOKEN lets somebody read it.
"""

from __future__ import annotations

import atexit
import os
import threading
import time
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from uuid import uuid4

from django.conf import settings

from common import store

EVERY_SECONDS = 1.0
MOST_NEW = 20_000  # numbers that a process keeps for an absent store; labels are few, so are they
BETWEEN = "\x1f"
SUM = "sum"
REMEMBERED_SECONDS = 86_400  # how long the store knows which batch of a process it had last
_ADD = """
if tonumber(redis.call('GET', KEYS[2]) or '0') >= tonumber(ARGV[1]) then return 0 end
for i = 3, #ARGV, 2 do redis.call('HINCRBYFLOAT', KEYS[1], ARGV[i], ARGV[i + 1]) end
redis.call('SET', KEYS[2], ARGV[1], 'EX', ARGV[2])
return 1
"""
QUICK = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 2.5, 5.0, 10.0)
SLOW = (0.01, 0.05, 0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0)


@dataclass(frozen=True, slots=True)
class Count:
    """A number that only rises; its name ends in _total."""

    name: str
    about: str
    labels: tuple[str, ...]

    def add(self, *values: str, by: float = 1) -> None:
        """Count; it never fails, for nobody's request may fail of it."""
        if settings.METRICS_TOKEN:
            with suppress(Exception):
                recorder.add(((BETWEEN.join((self.name, *values, "")), by),))


@dataclass(frozen=True, slots=True)
class Times:
    """How long something took, in seconds: how many times up to each bound, and their sum."""

    name: str
    about: str
    labels: tuple[str, ...]
    bounds: tuple[float, ...] = SLOW

    def add(self, seconds: float, *values: str) -> None:
        """Note one duration; it never fails."""
        if settings.METRICS_TOKEN:
            with suppress(Exception):
                start = BETWEEN.join((self.name, *values, ""))
                place = bisect_left(self.bounds, seconds)
                bound = str(self.bounds[place]) if place < len(self.bounds) else "+Inf"
                recorder.add(((start + bound, 1), (start + SUM, seconds)))

    @contextmanager
    def timed(self, *values: str) -> Iterator[None]:
        """Time a block, or as a decorator each call; also what ends in an error."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.add(time.perf_counter() - start, *values)


REQUESTS = Times(
    "skyll_request_seconds", "Time to the head of the answer", ("route", "method", "status"), QUICK
)
CACHE = Count(
    "skyll_cache_total",
    "Answers asked of the cache: hit, miss, waited (another computed it), down (no store)",
    ("query", "outcome"),
)
TASKS = Times("skyll_task_seconds", "Time of a task of the workers", ("task", "outcome"))
POLLS = Times("skyll_poll_seconds", "Time of one turn of a feed", ("stream", "outcome"))
FOLDS = Times("skyll_fold_seconds", "Time to fold changed accounts and contracts anew", ())
REBUILDS = Times("skyll_rebuild_seconds", "Time to remake all or some accounts' books", ("what",))
ALL: tuple[Count | Times, ...] = (REQUESTS, CACHE, TASKS, POLLS, FOLDS, REBUILDS)


class Recorder:
    """What this process has counted and not handed over yet."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Begin with nothing: also after a fork, for the parent hands its own numbers over."""
        self._lock = threading.Lock()
        self._handing = threading.Lock()
        self._new: dict[str, float] = {}
        self._batch: list[str] = []
        self._name, self._number = uuid4().hex, 0
        self._thread: threading.Thread | None = None

    def add(self, numbers: tuple[tuple[str, float], ...]) -> None:
        with self._lock:
            new = self._new
            for field, by in numbers:
                if field in new:
                    new[field] += by
                elif len(new) < MOST_NEW:
                    new[field] = by
            if self._thread is None:
                self._thread = self.keep_handing()

    def keep_handing(self) -> threading.Thread:
        """Start the thread that hands over; it ends with the process."""
        thread = threading.Thread(target=self._go_on, name="metrics", daemon=True)
        thread.start()
        return thread

    def _go_on(self) -> None:
        while True:
            time.sleep(EVERY_SECONDS)
            with suppress(Exception):
                self.hand_over()

    def hand_over(self) -> bool:
        """Add what is new to the store's totals, once; False where the store is away.

        A batch whose fate is unknown keeps its number, by which the store knows it.
        """
        keys = store.key("metrics"), store.key("metrics", "batch", self._name)
        with self._handing:
            while True:
                if not self._batch:
                    with self._lock:
                        new, self._new = self._new, {}
                    if not new:
                        return True
                    self._batch = [text for field, by in new.items() for text in (field, repr(by))]
                    self._number += 1
                given = [str(self._number), str(REMEMBERED_SECONDS), *self._batch]
                try:
                    store.ask(lambda redis: redis.eval(_ADD, 2, *keys, *given))  # noqa: B023
                except store.Down:
                    return False
                self._batch = []


def _at_exit() -> None:
    """A command that ends leaves nothing uncounted."""
    with suppress(Exception):
        recorder.hand_over()


recorder = Recorder()
atexit.register(_at_exit)
os.register_at_fork(after_in_child=recorder.reset)


def totals() -> dict[str, float]:
    """Return every total by its field, as `Count` and `Times` write them. store.Down without it."""
    found = store.ask(lambda redis: redis.hgetall(store.key("metrics")))
    return {field.decode(): float(value) for field, value in found.items()}
