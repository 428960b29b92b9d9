"""Doors for the workers. What is due stands in the database: a lost message does no harm."""

from __future__ import annotations

from pathlib import Path

import structlog
from celery import shared_task
from django.conf import settings

from common import clock
from ledger import candles, copying, reconciliation

log = structlog.get_logger(__name__)
KEPT_COPIES = 14  # of the trades, in the folder into which they are written every night
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


@shared_task(ignore_result=True)
def export_trades(**_: object) -> None:
    """Write the nightly copy of the trades, where TRADES_COPY_TO names a folder for it."""
    if settings.TRADES_COPY_TO:
        folder = Path(settings.TRADES_COPY_TO)
        done = copying.write_copy(folder, at=clock.now(), masked=settings.TRADES_COPY_MASKED)
        copying.prune(folder, keep=KEPT_COPIES)
        log.info("trades_exported", file=done.path.name, **done.rows)


@shared_task(ignore_result=True)
def import_trades(**_: object) -> None:
    """Bring in the newest copy of the folder that TRADES_COPY_FROM names, if any."""
    if settings.TRADES_COPY_FROM:
        try:
            path = copying.newest(Path(settings.TRADES_COPY_FROM))
            new, changed, gone, _accounts = copying.bring_in(path, at=clock.now()).booked
        except copying.CopyRefused as refused:
            log.error("trades_import_refused", reason=str(refused))
        else:
            log.info("trades_imported", file=path.name, new=new, changed=changed, gone=gone)
