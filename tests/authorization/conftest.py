"""The world of the matrix, with real tokens."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import time_machine

from tests.authorization.world import World, build, log_everybody_in


@pytest.fixture
def world(db) -> World:
    """All log-ins and books, a month after the last trade; everybody has logged in."""
    with time_machine.travel(datetime(2026, 4, 3, 12, tzinfo=UTC), tick=True):
        made = build()
        log_everybody_in(made)
        yield made
