"""Requests that come again: to whom the answer of one is known, without reading it anew.

A front end asks the same addresses over and over, with the same token. Who that is, whether the
session goes on and what may be seen are asked of the database each time, as ever; but what comes
of it, from the parameters to the key of the kept answer, follows from that and from the words of
the request, and is remembered.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.signals import setting_changed
from django.http import HttpRequest

from common import way

MOST = 2_048  # requests, of one or two kB each


@dataclass(frozen=True, slots=True)
class Asker:
    """Whom a request is counted for, and named after in the log."""

    pk: int


@dataclass(frozen=True, slots=True)
class Repeated:
    """What a request came to.

    name, key  of the question and of its kept answer
    asker      who asks
    day        on which that was so: many periods end yesterday or today
    expires    when the token's time runs out, in seconds of Unix
    """

    steps: tuple[way.Step, ...]
    name: str
    key: str
    asker: Asker
    day: date
    expires: float


class Known:
    """Of each request the latest that it came to; the one that was silent longest goes first."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._known: OrderedDict[bytes, Repeated] = OrderedDict()

    def get(self, request: bytes) -> Repeated | None:
        with self._lock:
            if found := self._known.get(request):
                self._known.move_to_end(request)
            return found

    def set(self, request: bytes, came_to: Repeated) -> None:
        with self._lock:
            self._known[request] = came_to
            self._known.move_to_end(request)
            while len(self._known) > self._most:
                self._known.popitem(last=False)

    def pop(self, request: bytes) -> None:
        with self._lock:
            self._known.pop(request, None)

    def clear(self, **_: Any) -> None:
        with self._lock:
            self._known.clear()


_known = Known()
setting_changed.connect(_known.clear)


def repeated(request: HttpRequest, *, at: datetime) -> Repeated | None:
    """Return what a request came to before; its way is still to be taken. No query."""
    words = _words(request)
    if words is None or (found := _known.get(words)) is None:
        return None
    return found if found.day == at.date() and found.expires > at.timestamp() else None


def forget(request: HttpRequest) -> None:
    """Forget what a request came to: its way leads elsewhere now."""
    if words := _words(request):
        _known.pop(words)


def remember(request: HttpRequest, *, name: str, key: str) -> None:
    """Remember what a request came to, where nothing but its way led there."""
    words, taken = _words(request), way.current()
    token: Any = getattr(request, "auth", None)
    if words is None or token is None or taken is None or not taken.is_whole:
        return
    asker = Asker(request.user.pk)  # type: ignore[arg-type]  # a token is somebody's
    came_to = Repeated(taken.steps, name, key, asker, taken.day, float(token["exp"]))
    _known.set(words, came_to)


def _words(request: HttpRequest) -> bytes | None:
    """Return a hash of all that a request says which its answer may follow from."""
    told = request.META
    if request.method != "GET" or "HTTP_AUTHORIZATION" not in told:
        return None
    said = (request.path_info, told.get("QUERY_STRING"), told["HTTP_AUTHORIZATION"],
            told.get("HTTP_ACCEPT"))  # fmt: skip
    return hashlib.blake2b("\0".join(map(str, said)).encode(), digest_size=16).digest()
