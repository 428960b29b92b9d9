"""Many at once: a deed run in threads, each on a connection of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

CALLERS = 16

AtOnce = Callable[..., list[Any]]


@pytest.fixture
def at_once() -> Iterator[AtOnce]:
    """Run one deed for each of its numbers, all at the same moment, on connections of their own."""
    with ThreadPoolExecutor(CALLERS) as pool:

        def run(deed: Callable[[int], Any], callers: int = CALLERS) -> list[Any]:
            start = Barrier(callers)

            def one(number: int) -> Any:
                start.wait()
                return deed(number)

            return list(pool.map(one, range(callers)))

        yield run
        run(lambda _: connection.close())
