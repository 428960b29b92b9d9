"""Doors for the workers: the watch over everything, what it tells, what it counts."""

from __future__ import annotations

from celery import shared_task

from common import clock
from skyll import watch as watching
from skyll.metrics import gauges


@shared_task(ignore_result=True)
def watch(**_: object) -> None:
    """Open alarms and end them. Two at once: the second does nothing."""
    watching.turn(clock.now())


@shared_task(ignore_result=True)
def tell_alarms(**_: object) -> None:
    """Tell what is owed by mail and webhook. Safe to run twice, even at once."""
    watching.tell(at=clock.now())


@shared_task(ignore_result=True)
def measure(**_: object) -> None:
    """Count for the metrics what takes long to count. Safe to run twice."""
    gauges.measure(clock.now())
