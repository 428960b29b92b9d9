"""How often a key may call: an even pace, a day's budget, and silence after a 429.

One bucket per key, shared by every worker through Redis and timed by the Redis server, so that
neither the number of workers nor a skewed clock bends the provider's limit. While Redis is away
each worker falls back to a bucket of its own at half the pace: polling goes on. A Redis that comes
back empty is told how many calls the day had, as this process or the database remembers it.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Protocol

import redis
import structlog

from ingestion.providers.base import BudgetSpent

log = structlog.get_logger(__name__)

DAY = 86_400
KEEP_EVERY = 20  # calls; so many of each worker may be forgotten when all is lost at once

# One hash per key: `next` is the earliest moment of the next call, `hold` the end of a silence
# that the provider asked for, in microseconds; `used` counts the calls of the UTC day `day`.
# Even spacing instead of a burst: a full bucket plus its refill would break "n in any second".
_TAKE = """
local told = redis.call('HMGET', KEYS[1], 'next', 'hold', 'day', 'used')
local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000000 + tonumber(clock[2])
local day = math.floor(tonumber(clock[1]) / 86400)
local used = 0
if tonumber(told[3] or '-1') == day then used = tonumber(told[4]) end
if used >= tonumber(ARGV[2]) then return {'spent', tostring((day + 1) * 86400), used, day} end
local free = math.max(tonumber(told[1] or '0'), tonumber(told[2] or '0'))
if free > now then return {'wait', string.format('%.0f', free - now), used, day} end
redis.call('HSET', KEYS[1], 'next', string.format('%.0f', now + tonumber(ARGV[1])),
           'day', tostring(day), 'used', tostring(used + 1))
redis.call('EXPIRE', KEYS[1], 172800)
return {'go', '0', used + 1, day}
"""

_REMIND = """
local told = redis.call('HMGET', KEYS[1], 'day', 'used')
local used = 0
if tonumber(told[1] or '-1') == tonumber(ARGV[1]) then used = tonumber(told[2]) end
if used < tonumber(ARGV[2]) then
  redis.call('HSET', KEYS[1], 'day', ARGV[1], 'used', ARGV[2])
  redis.call('EXPIRE', KEYS[1], 172800)
end
return 1
"""

_HOLD = """
local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000000 + tonumber(clock[2])
local until_ = now + tonumber(ARGV[1])
if until_ > tonumber(redis.call('HGET', KEYS[1], 'hold') or '0') then
  redis.call('HSET', KEYS[1], 'hold', string.format('%.0f', until_))
end
redis.call('EXPIRE', KEYS[1], 172800)
return 1
"""


class Bucket(Protocol):
    """Asked before each call."""

    def take(self) -> float:
        """Return 0 when the call may go now, else the seconds to wait before asking again.

        Raises BudgetSpent when the day's calls are used up.
        """

    def hold(self, seconds: float) -> None:
        """Let nobody call with this key for `seconds` from now."""


class Memory(Protocol):
    """Where the calls of a key's day are kept when Redis is lost; a day counts from 1970."""

    def load(self) -> tuple[int, int]:
        """Return the last day that is remembered, and its calls."""

    def keep(self, day: int, used: int) -> None:
        """Remember that a day had so many calls; fewer than are remembered change nothing."""


class LocalBucket:
    """A bucket inside one process."""

    def __init__(
        self, per_second: float, per_day: int, clock: Callable[[], float] = time.time
    ) -> None:
        self._spacing = 1 / per_second
        self._per_day = per_day
        self._clock = clock
        self._next = self._hold = 0.0
        self._day = self._used = 0

    def take(self) -> float:
        now = self._clock()
        self._turn()
        if self._used >= self._per_day:
            raise _spent(self._per_day, (self._day + 1) * DAY)
        free = max(self._next, self._hold)
        if free > now:
            return free - now
        self._next = now + self._spacing
        self._used += 1
        return 0

    def hold(self, seconds: float) -> None:
        self._hold = max(self._hold, self._clock() + seconds)

    def held(self) -> float:
        """Return the seconds for which a hold still lasts."""
        return max(0.0, self._hold - self._clock())

    def count(self, used: int, day: int) -> int:
        """Know that `used` calls were made on a day, here or elsewhere; return how many are known.

        Of a day that is not today by this machine's clock nothing is known, nor learned.
        """
        self._turn()
        if day != self._day:
            return used
        self._used = max(self._used, used)
        return self._used

    def _turn(self) -> None:
        today = int(self._clock() // DAY)
        if today != self._day:
            self._day, self._used = today, 0


class SharedBucket:
    """A bucket in Redis, one per key; half the pace in this process while Redis is away."""

    def __init__(
        self,
        client: redis.Redis,
        key: str,
        *,
        per_second: float,
        per_day: int,
        clock: Callable[[], float] = time.time,
        memory: Memory | None = None,
    ) -> None:
        self._client = client
        self._name = f"provider:bucket:{print_of(key)}"
        self._memory = memory
        self._loaded, self._kept = memory is None, (0, 0)
        self._spacing_us = round(1_000_000 / per_second)
        self._per_day = per_day
        self._local = LocalBucket(per_second / 2, per_day, clock)
        self._away = False

    def take(self) -> float:
        if not self._loaded and self._memory is not None:
            day, used = self._kept = self._memory.load()
            self._local.count(used, day)
            self._loaded = True
        try:
            self._come_back()
            answer = self._run(_TAKE, self._spacing_us, self._per_day)
        except redis.RedisError as error:
            self._go_away(error)
            return self._local.take()
        verdict, figure, used, day = answer
        known = self._local.count(int(used), int(day))
        if known > int(used):
            self._remind(int(day), known)
            if known >= self._per_day:
                raise _spent(self._per_day, (int(day) + 1) * DAY)
        self._keep(int(day), known)
        if verdict in (b"spent", "spent"):
            raise _spent(self._per_day, int(figure))
        return int(figure) / 1_000_000

    def _keep(self, day: int, used: int) -> None:
        """Have the count remembered, at times."""
        then, kept = self._kept
        if self._memory is not None and (day > then or used >= kept + KEEP_EVERY):
            self._memory.keep(day, used)
            self._kept = day, used

    def _remind(self, day: int, used: int) -> None:
        """Tell Redis of calls that it has forgotten, or never heard of; and of the one of now."""
        used = self._local.count(used + 1, day)
        try:
            self._run(_REMIND, day, used)
        except redis.RedisError as error:
            self._go_away(error)
        else:
            log.warning("provider_count_restored", used=used)

    def hold(self, seconds: float) -> None:
        self._local.hold(seconds)
        try:
            self._run(_HOLD, round(seconds * 1_000_000))
        except redis.RedisError as error:
            self._go_away(error)

    def _run(self, script: str, *args: int) -> Any:
        return self._client.eval(script, 1, self._name, *args)

    def _come_back(self) -> None:
        """Tell Redis of a hold that it missed, before the first call after its absence."""
        if not self._away:
            return
        if (left := self._local.held()) > 0:
            self._run(_HOLD, round(left * 1_000_000))
        self._client.ping()
        self._away = False
        log.info("provider_bucket_shared_again")

    def _go_away(self, error: redis.RedisError) -> None:
        if not self._away:
            log.warning("provider_bucket_local", reason=type(error).__name__)
        self._away = True


def print_of(key: str) -> str:
    """Return by what a key is known where it is counted: itself it stays out of there."""
    return hashlib.sha256(key.encode()).hexdigest()[:16]


def _spent(per_day: int, resumes: int) -> BudgetSpent:
    at = datetime.fromtimestamp(resumes, UTC)
    return BudgetSpent(
        f"the day's {per_day} requests of this key are used up "
        f"until {at:%Y-%m-%d %H:%M} UTC; a larger plan or a longer poll interval spares them",
        resumes_at=at,
    )
