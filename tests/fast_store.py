"""Fast stores that fail."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from common import store


class Counted(redis.Redis):
    """A client that counts how often it is used."""

    asked = 0

    def execute_command(self, *args, **options):
        self.asked += 1
        return super().execute_command(*args, **options)

    def pipeline(self, *args, **options):
        self.asked += 1
        return super().pipeline(*args, **options)


def client_of(path: str) -> Counted:
    return Counted(
        unix_socket_path=path,
        socket_timeout=store.TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )


def patient() -> redis.Redis:
    """Return a client of the real store that no crowded machine makes give up."""
    return redis.Redis.from_url(settings.CACHES["fast"]["LOCATION"], socket_timeout=30)


@contextmanager
def hung() -> Iterator[Counted]:
    path = f"/tmp/hung-{os.getpid()}.sock"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
        server.listen(50)
        client = client_of(path)
        yield client
        client.close()
    os.unlink(path)
