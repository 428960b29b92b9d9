"""From the facts of a stored connection to its adapter."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable

import httpx
import redis

from ingestion.providers.base import ProviderError
from ingestion.providers.bucket import Bucket, LocalBucket, Memory, SharedBucket, print_of
from ingestion.providers.session import Session
from ingestion.providers.tt import TT

CODES = ("tt", "simulated")

_open: dict[tuple[object, ...], TT] = {}


def provider_for(
    code: str,
    *,
    base_url: str,
    environment: str,
    key: str,
    secret: str,
    app: str = "skyll",
    company: str = "skyll",
    requests_per_second: float = 3,
    requests_per_day: int = 10_000,
    redis_url: str | None = None,
    memory: Callable[[str], Memory] | None = None,
) -> TT:
    """Return the adapter of a connection; the same one again within a process, token and all.

    code       "tt" or "simulated": one dialect, the address is the difference
    redis_url  where the workers share the pace of a key; None keeps it in this process
    memory     returns what remembers a key's calls when that is lost, by the key's print
    """
    if code not in CODES:
        raise ProviderError(f"no adapter is called {code!r}: use one of {', '.join(CODES)}")
    if not base_url.startswith(("http://", "https://")):
        raise ProviderError(f"{base_url!r} is no address: it starts with https:// or http://")
    facts = "\0".join((base_url, environment, key, secret, app, company, redis_url or ""))
    # The process id: a forked worker must not share its parent's connections.
    name = (
        os.getpid(),
        code,
        hashlib.sha256(facts.encode()).hexdigest(),
        requests_per_second,
        requests_per_day,
    )
    if name not in _open:
        whose = f"{base_url} {key}"
        kept = memory(print_of(whose)) if memory is not None else None
        pace = _bucket(redis_url, whose, requests_per_second, requests_per_day, kept)
        _open[name] = TT(
            Session(
                base_url=base_url,
                environment=environment,
                key=key,
                secret=secret,
                app=app,
                company=company,
                bucket=pace,
                client=httpx.Client(timeout=httpx.Timeout(30.0, connect=5.0)),
            ),
            code=code,
        )
    return _open[name]


def _bucket(
    redis_url: str | None, key: str, per_second: float, per_day: int, memory: Memory | None
) -> Bucket:
    if redis_url is None:
        return LocalBucket(per_second, per_day)
    # Short timeouts: a Redis that hangs must not stop the polling.
    client = redis.Redis.from_url(redis_url, socket_timeout=0.25, socket_connect_timeout=0.25)
    return SharedBucket(client, key, per_second=per_second, per_day=per_day, memory=memory)
