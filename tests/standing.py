"""What stands for all tests of a module: made once, and every test undoes what it does to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction


@contextmanager
def standing(blocker: Any) -> Iterator[None]:
    """Keep rows that are made within until a module is done, in a transaction never committed.

    Tests that commit may not share that module. Objects outlive a test, rows as a test left them do
    not: hand out copies.
    """
    around: Any = transaction.atomic()
    around._from_testcase = True  # as Django's own test cases: what must be durable may be inside
    with blocker.unblock(), around:
        try:
            yield
        finally:
            transaction.set_rollback(True)
