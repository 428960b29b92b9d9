"""From a stored connection to the adapter that speaks with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from django.conf import settings

from ingestion.models import Connection
from ingestion.providers.base import PriceSource, Provider, Unauthorized
from ingestion.providers.registry import provider_for
from ingestion.sealed import SealBroken


class Adapter(Provider, PriceSource, Protocol):
    """A provider that may also have prices."""


Opener = Callable[[Connection], Adapter]


def open_provider(connection: Connection) -> Adapter:
    """Return the adapter of a connection; its pace is shared by all workers through Redis."""
    try:
        secret = connection.secret
    except SealBroken as reason:
        raise Unauthorized(str(reason)) from None
    store = settings.CACHES["default"].get("LOCATION", "")
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
    )
