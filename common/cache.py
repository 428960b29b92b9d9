"""Cached queries: one decorator, after access, keyed by everything that changes the answer.

The key is the query's name and its arguments; a data version is one of them, so nothing has to be
invalidated. Values are JSON of the query's own frozen types, decoded by its return annotation; long
ones are kept deflated.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import inspect
import random
import secrets
import time
import typing
import zlib
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

import msgspec
from django.conf import settings

from common import store
from common.metrics import CACHE

P = ParamSpec("P")
R = TypeVar("R")

LOCK_SECONDS = 10
WAIT_SECONDS = 2.0
WAIT_STEP_SECONDS = 0.02
JITTER = 0.1
LONG = 65_536  # bytes
_DEFLATED = b"x"  # how zlib begins, and no JSON
_MISS = object()
_FREE = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end"


def cached(*, ttl: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Cache a keyword-only query for the seconds that settings.CACHE_TTL gives to `ttl`.

    A store that is down changes nothing but the time it takes. While one caller computes an answer,
    others wait for it a moment before they compute it too.
    """

    def around(query: Callable[P, R]) -> Callable[P, R]:
        signature = inspect.signature(query)
        name = f"{query.__module__}.{query.__qualname__}"

        @functools.cache
        def shape() -> Any:  # late: annotations may name types defined below the query
            return typing.get_type_hints(query)["return"]

        @functools.wraps(query)
        def ask(*args: P.args, **kwargs: P.kwargs) -> R:
            bound = signature.bind(*args, **kwargs)
            bound.apply_defaults()
            key = _key(name, bound.arguments)
            return _answer(name, key, seconds(ttl), shape(), lambda: query(*args, **kwargs))

        return ask

    return around


def seconds(name: str) -> int:
    """Return the life of a name in settings.CACHE_TTL, or else of its longest dotted prefix."""
    lives: dict[str, int] = settings.CACHE_TTL
    prefix = name
    while prefix not in lives:
        if "." not in prefix:
            raise LookupError(f"settings.CACHE_TTL has no life for {name}")
        prefix = prefix.rpartition(".")[0]
    return lives[prefix]


def _key(name: str, arguments: dict[str, Any]) -> str:
    text = msgspec.json.encode([name, arguments], order="sorted")
    return store.key("query", name, hashlib.blake2b(text, digest_size=20).hexdigest())


def _answer(name: str, key: str, life: int, shape: Any, compute: Callable[[], R]) -> R:
    token = secrets.token_hex(8)
    alone = False
    try:
        found, outcome = _fetch(key, shape), "hit"
        if found is _MISS:
            alone = _lock(key, token)
            # Alone, too, look once more: the previous owner may have kept it in between.
            found = _fetch(key, shape) if alone else _wait(key, shape)
            outcome = "miss" if found is _MISS else "waited"
    except store.Down:
        found, outcome = _MISS, "down"
    CACHE.add(name, outcome)
    try:
        if found is _MISS:
            found = compute()
            _keep(key, found, life)
    finally:
        if alone:
            _unlock(key, token)
    return typing.cast(R, found)


def _lock(key: str, token: str) -> bool:
    taken = store.ask(lambda redis: redis.set(f"{key}:busy", token, nx=True, ex=LOCK_SECONDS))
    return bool(taken)


def _unlock(key: str, token: str) -> None:
    with contextlib.suppress(store.Down):
        store.ask(lambda redis: redis.eval(_FREE, 1, f"{key}:busy", token))


def _fetch(key: str, shape: Any) -> Any:
    raw = store.ask(lambda redis: redis.get(key))
    if raw is None:
        return _MISS
    if raw.startswith(_DEFLATED):
        raw = zlib.decompress(raw)
    try:
        return msgspec.json.decode(raw, type=shape)
    except msgspec.MsgspecError:  # kept by another release, with another shape
        return _MISS


def _wait(key: str, shape: Any) -> Any:
    until = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < until:
        time.sleep(WAIT_STEP_SECONDS)
        found = _fetch(key, shape)
        if found is not _MISS:
            return found
        if not store.ask(lambda redis: redis.exists(f"{key}:busy")):
            return _MISS  # its owner failed: compute now
    return _MISS


def _keep(key: str, answer: Any, life: int) -> None:
    if life <= 0:
        return
    spread = 1 + random.uniform(-JITTER, JITTER)  # noqa: S311 - spreads expiry, guards nothing
    raw = msgspec.json.encode(answer)
    if len(raw) > LONG:
        raw = zlib.compress(raw, 1)
    with contextlib.suppress(store.Down):
        store.ask(lambda redis: redis.set(key, raw, px=max(1, int(life * spread * 1000))))
