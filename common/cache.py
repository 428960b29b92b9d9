"""Cached queries: one decorator, after access, keyed by everything that changes the answer.

The key is the query's name and its arguments; a data version is one of them, so nothing has to be
invalidated. Values are JSON of the query's own frozen types, decoded by its return annotation; long
ones are kept deflated. What a view answers with is kept as bytes instead, ready to be sent: a query
that is `asked` is a question, which `common.api.reply` answers.
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
from dataclasses import dataclass
from typing import Any, Generic, ParamSpec, Protocol, TypeVar

import msgspec
from django.conf import settings
from redis import Redis

from common import store, way
from common.metrics import CACHE

P = ParamSpec("P")
R = TypeVar("R")

LOCK_SECONDS = 10
WAIT_SECONDS = 2.0
WAIT_STEP_SECONDS = 0.02
JITTER = 0.1
LONG = 65_536  # bytes
_DEFLATED = b"x"  # how zlib begins, and no JSON
MISS = object()
_FREE = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end"


@dataclass(frozen=True, slots=True)
class Question(Generic[R]):
    """A query and what it is asked, before anybody has looked for the answer.

    life  seconds that the answer may be kept
    """

    name: str
    arguments: dict[str, Any]
    life: int
    compute: Callable[[], R]

    def key(self, *more: Any) -> str:
        """Return the key of the answer; `more` is what else it is made of."""
        return _key(self.name, [self.arguments, *more])


def asking(query: Callable[..., R], *, ttl: str, **given: Any) -> Question[R]:
    """Return the question of a query that keeps only its dear part: the whole answer is kept too.

    Everything that changes it must be among its arguments; `ttl` as for `cached`.
    """
    name = f"{query.__module__}.{query.__qualname__}"
    return Question(name, given, seconds(ttl), lambda: query(**given))


class Cached(Protocol[P, R]):
    """A query that is kept, and can be asked without being answered yet."""

    __module__: str
    __qualname__: str
    __wrapped__: Callable[P, R]

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R: ...

    def asked(self, *args: P.args, **kwargs: P.kwargs) -> Question[R]: ...


def cached(*, ttl: str) -> Callable[[Callable[P, R]], Cached[P, R]]:
    """Cache a keyword-only query for the seconds that settings.CACHE_TTL gives to `ttl`.

    A store that is down changes nothing but the time it takes. While one caller computes an answer,
    others wait for it a moment before they compute it too.
    """

    def around(query: Callable[P, R]) -> Cached[P, R]:
        signature = inspect.signature(query)
        name = f"{query.__module__}.{query.__qualname__}"

        @functools.cache
        def shape() -> Any:  # late: annotations may name types defined below the query
            return typing.get_type_hints(query)["return"]

        def asked(*args: P.args, **kwargs: P.kwargs) -> Question[R]:
            bound = signature.bind(*args, **kwargs)
            bound.apply_defaults()
            return Question(name, bound.arguments, seconds(ttl), lambda: query(*args, **kwargs))

        @functools.wraps(query)
        def ask(*args: P.args, **kwargs: P.kwargs) -> R:
            way.left()
            question = asked(*args, **kwargs)
            key = question.key()
            answer: R = once(
                question,
                key,
                fetch=lambda: _fetch(key, shape()),
                compute=question.compute,
                pack=_packed,
            )
            return answer

        ask.asked = asked  # type: ignore[attr-defined]
        return typing.cast("Cached[P, R]", ask)

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


def _key(name: str, given: list[Any]) -> str:
    text = msgspec.json.encode([name, *given], order="sorted", enc_hook=_parts)
    return store.key("query", name, hashlib.blake2b(text, digest_size=20).hexdigest())


def _parts(argument: Any) -> Any:
    """Return what an object that is no record is made of, in its own order."""
    return [
        list(part.items()) if isinstance(part, dict) else part for part in vars(argument).values()
    ]


def once(
    question: Question[Any],
    key: str,
    *,
    fetch: Callable[[], Any],
    compute: Callable[[], R],
    pack: Callable[[R], bytes],
) -> R:
    """Return what is kept under `key`, or else compute it, alone if possible, and keep it.

    fetch  looks for it; MISS where it is not there, store.Down where nobody knows
    pack   makes of it what is kept
    """
    token = secrets.token_hex(8)
    alone = False
    try:
        found, outcome = fetch(), "hit"
        if found is MISS:
            # Alone, too, look once more: the previous owner may have kept it in between.
            alone, is_there = _lock(key, token)
            if not alone:
                found = _wait(key, fetch)
            elif is_there:
                found = fetch()
            outcome = "miss" if found is MISS else "waited"
    except store.Down:
        found, outcome = MISS, "down"
    CACHE.add(question.name, outcome)
    try:
        if found is MISS:
            found = compute()
            _keep(key, pack(found), question.life, token if alone else None)
            alone = False
    finally:
        if alone:
            _unlock(key, token)
    return typing.cast(R, found)


def _lock(key: str, token: str) -> tuple[bool, bool]:
    """Return whether the lock was taken, and whether the answer is there since."""

    def deed(redis: Redis) -> tuple[bool, bool]:
        pipe = redis.pipeline(transaction=False)
        pipe.set(f"{key}:busy", token, nx=True, ex=LOCK_SECONDS)
        pipe.exists(key)
        taken, is_there = pipe.execute()
        return bool(taken), bool(is_there)

    locked: tuple[bool, bool] = store.ask(deed)
    return locked


def _unlock(key: str, token: str) -> None:
    with contextlib.suppress(store.Down):
        store.ask(lambda redis: redis.eval(_FREE, 1, f"{key}:busy", token))


def _fetch(key: str, shape: Any) -> Any:
    raw = store.ask(lambda redis: redis.get(key))
    if raw is None:
        return MISS
    if raw.startswith(_DEFLATED):
        raw = zlib.decompress(raw)
    try:
        return msgspec.json.decode(raw, type=shape)
    except msgspec.MsgspecError:  # kept by another release, with another shape
        return MISS


def _wait(key: str, fetch: Callable[[], Any]) -> Any:
    until = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < until:
        time.sleep(WAIT_STEP_SECONDS)
        found = fetch()
        if found is not MISS:
            return found
        if not store.ask(lambda redis: redis.exists(f"{key}:busy")):
            return MISS  # its owner failed: compute now
    return MISS


def _packed(answer: Any) -> bytes:
    raw = msgspec.json.encode(answer)
    return zlib.compress(raw, 1) if len(raw) > LONG else raw


def _keep(key: str, raw: bytes, life: int, token: str | None) -> None:
    """Keep an answer, and give the lock back, if any, on the same way."""
    spread = 1 + random.uniform(-JITTER, JITTER)  # noqa: S311 - spreads expiry, guards nothing

    def deed(redis: Redis) -> None:
        pipe = redis.pipeline(transaction=False)
        if life > 0:
            pipe.set(key, raw, px=max(1, int(life * spread * 1000)))
        if token:
            pipe.eval(_FREE, 1, f"{key}:busy", token)
        pipe.execute()

    with contextlib.suppress(store.Down):
        store.ask(deed)
