"""From a stored connection to the adapter that speaks with it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Protocol, cast

from django.conf import settings

from common.sealed import SealBroken
from ingestion.actions.key_use import Remembered
from ingestion.models import Connection
from ingestion.providers.base import PriceSource, Provider, Unauthorized
from ingestion.providers.registry import provider_for


class Adapter(Provider, PriceSource, Protocol):
    """A provider that may also have prices."""


RENEWED_EVERY = 15.0  # seconds


class Held:
    """An adapter that renews the lease of its feed while it is asked, ahead of a call."""

    def __init__(self, adapter: Adapter, renew: Callable[[], None]) -> None:
        self._adapter, self._renew = adapter, renew
        self._renewed = time.monotonic()

    def __getattr__(self, name: str) -> Any:
        if time.monotonic() - self._renewed > RENEWED_EVERY:
            self._renew()
            self._renewed = time.monotonic()
        return getattr(self._adapter, name)


Opener = Callable[[Connection], Adapter]


def held(adapter: Adapter, renew: Callable[[], None]) -> Adapter:
    """Return the adapter with a lease that lasts while it is asked, however slow the answers."""
    return cast(Adapter, Held(adapter, renew))


def open_provider(connection: Connection) -> Adapter:
    """Return the adapter of a connection; its pace is shared by all workers through Redis."""
    try:
        secret = connection.secret
    except SealBroken as reason:
        raise Unauthorized(str(reason)) from None
    store = settings.CACHES["fast"].get("LOCATION", "")
    shared = isinstance(store, str) and store.startswith(("redis://", "rediss://", "unix://"))
    return provider_for(
        connection.platform.code,
        base_url=connection.base_url,
        environment=connection.environment,
        key=connection.app_key,
        secret=secret,
        app=connection.app_name,
        company=connection.company_name,
        requests_per_second=connection.requests_per_second,
        requests_per_day=connection.requests_per_day,
        redis_url=str(store) if shared else None,
        memory=Remembered,
    )
