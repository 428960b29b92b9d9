"""The fast store (Redis protocol): welcome while it is up, never missed while it is down.

Every call is bounded by a short timeout. After a failure the store is left alone for a while, so
that a dead or hung server costs one timeout and not one per request.
"""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

import redis
import structlog
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

T = TypeVar("T")
log = structlog.get_logger(__name__)

TIMEOUT_SECONDS = 0.08
FIRST_REST_SECONDS = 0.5
LAST_REST_SECONDS = 8.0


class Down(Exception):
    """The store did not answer in time, or is being left alone."""


class Breaker:
    """Lets calls through until one fails, then refuses them for a while.

    The rest doubles with every failed probe, from `first` to `last` seconds: a stall of a moment
    costs little, a dead server next to nothing.
    """

    def __init__(
        self,
        first: float = FIRST_REST_SECONDS,
        last: float = LAST_REST_SECONDS,
        tick: Callable[[], float] = time.monotonic,
    ) -> None:
        self._first, self._last, self._tick = first, last, tick
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        self._rest, self._closed_from = 0.0, 0.0

    def call(self, deed: Callable[[], T]) -> T:
        """Return deed(); Down when it fails or when a recent call failed."""
        if not self._may_pass():
            raise Down
        rest = self._rest
        try:
            result = deed()
        except (redis.RedisError, OSError) as error:
            self._fail(error, rest)
            raise Down from error
        if self._rest:
            self.reset()
        return result

    def _may_pass(self) -> bool:
        if not self._rest:
            return True
        with self._lock:  # after the rest one caller probes; the others wait for what it finds
            if self._tick() < self._closed_from:
                return False
            self._closed_from = self._tick() + self._rest
            return True

    def _fail(self, error: Exception, rest: float) -> None:
        with self._lock:
            if self._rest != rest:  # of calls that were under way together one failure counts
                return
            self._rest = min(self._last, 2 * self._rest or self._first)
            self._closed_from = self._tick() + self._rest
        log.warning("store_down", error=str(error), rest_seconds=self._rest)


breaker = Breaker()


@functools.cache
def _client(location: str) -> redis.Redis:
    return redis.Redis.from_url(
        location,
        socket_timeout=TIMEOUT_SECONDS,
        socket_connect_timeout=TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 0),
        health_check_interval=0,
    )


def ask(deed: Callable[[redis.Redis], Any]) -> Any:
    """Return deed(client); Down when the store is not there."""
    client = _client(str(settings.CACHES["fast"]["LOCATION"]))
    return breaker.call(lambda: deed(client))


def key(*parts: str) -> str:
    """Return a key of this installation."""
    return ":".join((str(settings.CACHES["fast"]["KEY_PREFIX"]), *parts))
