"""Doors for the workers. What is due stands in the database: a lost message does no harm."""

from __future__ import annotations

import structlog
from celery import shared_task

from common import clock
from ledger import candles, reconciliation

log = structlog.get_logger(__name__)

MOST = 5_000  # account-days in one turn; what is left is due at the next
MOST_LINES = 2_000  # an account in a contract; likewise


@shared_task(ignore_result=True)
def keep_candles(**_: object) -> None:
    """Make the day candles that are due. Two at once: the second does nothing."""
    candles.keep(most=MOST, at=clock.now(), wait=False)


@shared_task(ignore_result=True)
def keep_states(**_: object) -> None:
    """Reconcile what is due. Two at once: the second does nothing."""
    reconciliation.keep(most=MOST_LINES, at=clock.now(), wait=False)


@shared_task(ignore_result=True)
def reconcile_nightly(**_: object) -> None:
    """Reconcile everything, from the fills on: also what nobody said had changed."""
    done = reconciliation.check(at=clock.now())
    log.info("reconciled", lines=done.lines, days=done.days, changed=done.changed)
