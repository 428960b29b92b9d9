"""Doors for the workers. What is due stands in the database: a lost message does no harm."""

from __future__ import annotations

from celery import shared_task

from common import clock
from ledger import candles

MOST = 5_000  # account-days in one turn; what is left is due at the next


@shared_task(ignore_result=True)
def keep_candles(**_: object) -> None:
    """Make the day candles that are due. Two at once: the second does nothing."""
    candles.keep(most=MOST, at=clock.now(), wait=False)
