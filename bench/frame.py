"""The frame of the benchmark: rows, a stopwatch, targets.

A row is a function that yields lines; each line is one ratio. Only ratios inside one run mean
anything, so the two sides are measured in turn and their medians compared:

    @row("1", "matching")
    def matching(stand: Stand) -> Iterator[Line]:
        ours, reference = stand.side_by_side(ours=lambda: ..., reference=lambda: ...)
        yield Line("kernel against the loop", "5.1 M/s", "0.4 M/s", reference / ours, at_least(8))
"""

from __future__ import annotations

import gc
import importlib
import pkgutil
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from statistics import median

PATIENCE = 30.0  # seconds: a reference that takes longer is run once


class Size(StrEnum):
    """How much of the target's data is used; a row says what that means for it."""

    SMALL = "small"
    ONE = "1x"
    TEN = "10x"

    @property
    def factor(self) -> float:
        return {Size.SMALL: 0.1, Size.ONE: 1.0, Size.TEN: 10.0}[self]


@dataclass(frozen=True, slots=True)
class Target:
    """A bound for a ratio."""

    bound: float
    is_floor: bool

    def met(self, ratio: float) -> bool:
        return ratio >= self.bound if self.is_floor else ratio <= self.bound

    def __str__(self) -> str:
        return f"{'>=' if self.is_floor else '<='} {self.bound:,g}"


def at_least(bound: float) -> Target:
    return Target(bound, is_floor=True)


def at_most(bound: float) -> Target:
    return Target(bound, is_floor=False)


@dataclass(frozen=True, slots=True)
class Line:
    """One ratio: what was compared, both figures in their own unit, the bound if there is one.

    seconds  what ours took: a run at ten times the size is laid beside one at one by it
    """

    what: str
    ours: str
    reference: str
    ratio: float
    target: Target | None = None
    seconds: float | None = None

    @property
    def verdict(self) -> str:
        if self.target is None:
            return ""
        return "met" if self.target.met(self.ratio) else "MISSED"


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a row is measured: how big, how often, and where it says how far it is."""

    size: Size
    runs: int = 5

    def count(self, at_one: int) -> int:
        """Return a number of things that grows with the size."""
        return max(1, round(at_one * self.size.factor))

    def say(self, step: str) -> None:
        if sys.stderr.isatty():
            sys.stderr.write(f"\r\x1b[K  {step}")
        else:
            sys.stderr.write(f"  {step}\n")
        sys.stderr.flush()

    def note(self, sentence: str) -> None:
        """Say what is to stay on the screen."""
        self.say(f"{sentence}\n" if sys.stderr.isatty() else sentence)

    @property
    def is_largest(self) -> bool:
        """Whether a row leaves out its own line at ten times the data.

        The column `growth` says the same at this size: ours here / ours at 1x.
        """
        if self.size is Size.TEN:
            self.note("a line of its own at ten times the data is left out: see the column growth")
        return self.size is Size.TEN

    def side_by_side(
        self, *, ours: Callable[[], object], reference: Callable[[], object], ours_each: int = 1
    ) -> tuple[float, float]:
        """Return the median seconds of both, run in turn so that noise hits both alike.

        A reference that takes longer than PATIENCE is run once.

        ours_each  how often ours runs in each turn: more than once where it takes so much less
                   time that a single moment of noise would hide it
        """
        fast: list[float] = []
        slow: list[float] = []
        for run in range(1, self.runs + 1):
            self.say(f"run {run} of {self.runs}: ours")
            fast += [_seconds(ours) for _ in range(ours_each)]
            if not slow or max(slow) < PATIENCE:
                self.say(f"run {run} of {self.runs}: reference")
                slow.append(_seconds(reference))
        return median(fast), median(slow)

    def alone(self, what: str, call: Callable[[], object]) -> float:
        """Return the median seconds of one call."""
        seconds = []
        for run in range(1, self.runs + 1):
            self.say(f"run {run} of {self.runs}: {what}")
            seconds.append(_seconds(call))
        return median(seconds)


Measure = Callable[[Stand], Iterator[Line]]


@dataclass(frozen=True, slots=True)
class Row:
    """A row; `size` says how much 1x is, `year` that it reads the desk of `bench.group.year`."""

    key: str
    title: str
    measure: Measure
    size: str = ""
    year: bool = False


ROWS: dict[str, Row] = {}


def row(
    key: str, title: str, *, size: str = "", year: bool = False
) -> Callable[[Measure], Measure]:
    """Register a row under the number of its target, or under a name where it has none."""

    def register(measure: Measure) -> Measure:
        if key in ROWS:
            raise ValueError(f"two rows are called {key}")
        ROWS[key] = Row(key, title, measure, size, year)
        return measure

    return register


def all_rows() -> dict[str, Row]:
    """Return every row of bench.rows, numbers first and in their order."""
    package = importlib.import_module("bench.rows")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"bench.rows.{module.name}")
    order = sorted(ROWS, key=lambda key: (not key.isdigit(), int(key) if key.isdigit() else 0, key))
    return {key: ROWS[key] for key in order}


def _seconds(call: Callable[[], object]) -> float:
    """Time one call with the collector of garbage at rest, as timeit does."""
    gc.collect()
    gc.disable()
    try:
        start = time.perf_counter()
        call()
        return time.perf_counter() - start
    finally:
        gc.enable()
