"""The broker, asked directly: is it there, and how much lies in its queues?"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from skyll.environment import redis_db

T = TypeVar("T")

TIMEOUT_SECONDS = 0.25
QUEUES = ("default", "letters")


def answers() -> bool:
    """Say whether the broker answers at once."""
    return bool(_ask(lambda client: client.ping()))


def depths() -> dict[str, int] | None:
    """Return how many messages wait in each queue, those in hand not counted; None without it."""
    return _ask(lambda client: {name: int(client.llen(name)) for name in QUEUES})


def _ask(deed: Callable[[redis.Redis], T]) -> T | None:
    """Return deed(client), asked once; None where the broker does not answer in time."""
    try:
        with redis.Redis.from_url(
            redis_db(settings.REDIS_URL, 0),
            socket_timeout=TIMEOUT_SECONDS,
            socket_connect_timeout=TIMEOUT_SECONDS,
            retry=Retry(NoBackoff(), 0),
        ) as client:
            return deed(client)
    except (redis.RedisError, OSError):
        return None
