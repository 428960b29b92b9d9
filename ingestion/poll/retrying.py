"""Transactions that lost against another one are simply done again."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from django.db import OperationalError
from psycopg import errors

T = TypeVar("T")

TRIES = 3


def retried(deed: Callable[[], T]) -> T:
    """Return deed(); done again after a deadlock or a serialization failure, twice at most."""
    for left in range(TRIES - 1, -1, -1):
        try:
            return deed()
        except OperationalError as error:
            lost = isinstance(
                error.__cause__, errors.DeadlockDetected | errors.SerializationFailure
            )
            if not lost or not left:
                raise
            time.sleep(0.1 * (TRIES - left))
    raise AssertionError("unreachable: it returns or raises")
