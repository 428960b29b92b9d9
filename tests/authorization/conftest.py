"""The world of the matrix, with real tokens."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from tests.authorization.world import World, build, log_everybody_in
from tests.standing import standing

NOON = datetime(2026, 4, 3, 12, tzinfo=UTC)  # a month after the last trade


@pytest.fixture(scope="module")
def made(django_db_setup, django_db_blocker) -> Iterator[World]:
    """Make all log-ins and books once for a module, in a transaction that is never committed."""
    with standing(django_db_blocker):
        with time_machine.travel(NOON, tick=True):
            world = build()
            log_everybody_in(world)
        yield world


@pytest.fixture
def world(made, db) -> Iterator[World]:
    """The same for each test, some minutes after everybody has logged in."""
    with time_machine.travel(NOON + timedelta(minutes=5), tick=True):
        yield made
