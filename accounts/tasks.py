"""Doors for the workers. What is due stands in the database: a lost message does no harm."""

from __future__ import annotations

from celery import shared_task

from accounts import retention
from common import clock


@shared_task(ignore_result=True)
def prune_accounts(**_: object) -> None:
    """Sweep out tokens, sessions, counts and letters that are over. Safe to run twice."""
    retention.prune(at=clock.now())
