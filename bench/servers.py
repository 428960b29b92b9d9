"""Servers for each row: on empty data, or on a copy of the desk that several rows read."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import psycopg

from bench.frame import Size
from skyll.embedded import places, services
from skyll.embedded.server import Manner

MADE_ONCE = Manner(durable=True, throwaway=True)


class Year:
    """The desk of `bench.group.year`, made when it is first asked for; each row has a copy.

    It lies in a PostgreSQL of its own, which goes with the last one who holds it, however that one
    ends. A copy is a database apart: other files, and nothing of it in any cache.
    """

    def __init__(self, size: Size) -> None:
        self._size = size
        self._is_made = False

    @contextmanager
    def copied(self) -> Iterator[None]:
        """Let the environment name a copy and an empty valkey until the block ends."""
        if not self._is_made:
            command = [sys.executable, "-m", "bench.one", "year", "--size", self._size]
            with services.apart(durable=True, servers=["valkey"]):
                subprocess.run(command, check=True)
            self._is_made = True
        made = os.environ["DATABASE_URL"]
        server, _, master = made.rpartition("/")
        name = f"row_{uuid4().hex[:8]}"
        link = psycopg.connect(
            host=server.partition("@/")[2], user="postgres", dbname="postgres", autocommit=True
        )
        with link:
            # Files are copied, not written through the log: it is gigabytes.
            link.execute(f'CREATE DATABASE "{name}" TEMPLATE "{master}" STRATEGY file_copy')
            try:
                os.environ["DATABASE_URL"] = f"{server}/{name}"
                with services.apart(durable=True, servers=["valkey"]):
                    yield
            finally:
                os.environ["DATABASE_URL"] = made
                link.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def year(size: Size, *, rows: int) -> Iterator[Year | None]:
    """Return where so many rows get their copies; none where each had better make its own."""
    if rows < 2 or services.missing() != ["postgres", "valkey"]:
        yield None
        return
    home = places.local() / "bench" / uuid4().hex[:8]
    with services.at_hand(home=home, manner=MADE_ONCE, servers=["postgres"]):
        yield Year(size)
