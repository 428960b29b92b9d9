"""The way to an answer: the prepared questions that were asked until its key was known.

What a request is answered with follows from its own words and from what it looked up on its way,
who asks and what they may see. Where both are the same again, so is the answer. A way counts only
while nothing else was looked at: any other question of the database, and any kept answer, ends it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import msgspec
from django.db import connection

Rows = list[tuple[Any, ...]]
Said = Callable[[dict[str, Any]], tuple[str, list[Any]]]
AT = "at"  # an argument of that name is the moment of asking, another one each time


@dataclass(frozen=True, slots=True)
class Step:
    """A question, with what it was asked, and a hash of what it found.

    said  its SQL and values
    """

    said: Said
    given: dict[str, Any]
    found: bytes

    def again(self, at: datetime) -> tuple[str, list[Any]]:
        return self.said({**self.given, AT: at} if AT in self.given else self.given)


@dataclass(slots=True)
class Way:
    """What a request has asked so far, with what it found; `day` is the UTC day it began on."""

    day: date
    taken: list[tuple[Said, dict[str, Any], Rows]] = field(default_factory=list)
    is_whole: bool = True

    @property
    def steps(self) -> tuple[Step, ...]:
        return tuple(Step(said, given, _hash(rows)) for said, given, rows in self.taken)


_current: ContextVar[Way | None] = ContextVar("way", default=None)


@contextmanager
def begun(day: date) -> Iterator[Way]:
    """Note the questions that are asked from here on."""
    way = Way(day)
    token = _current.set(way)
    try:
        yield way
    finally:
        _current.reset(token)


def current() -> Way | None:
    return _current.get()


def took(said: Said, given: dict[str, Any], rows: Rows) -> None:
    """Note a question."""
    if way := _current.get():
        way.taken.append((said, given, rows))


@contextmanager
def again(steps: Sequence[Step], at: datetime) -> Iterator[Callable[[], bool]]:
    """Ask all again; yield what says whether they find the same. As many queries as steps.

    They are asked together, and may find while something else is done.
    """
    questions = [step.again(at) for step in steps]
    with connection.asked_together(questions, is_step=True) as fetch:  # type: ignore[attr-defined]
        yield lambda: [_hash(rows) for rows in fetch()] == [step.found for step in steps]


def left() -> None:
    """Note that something was looked at that is no step."""
    if way := _current.get():
        way.is_whole = False


def _hash(rows: Rows) -> bytes:
    return hashlib.blake2b(msgspec.json.encode(rows, enc_hook=repr), digest_size=16).digest()
