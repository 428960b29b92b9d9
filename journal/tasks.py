"""Doors for the workers."""

from __future__ import annotations

from celery import shared_task

from common import clock
from journal import actions, retention


@shared_task(ignore_result=True)
def write_prompts(**_: object) -> None:
    """Write this week's welcome prompts. Safe to run twice, even at once."""
    actions.write_prompts(at=clock.now())


@shared_task(ignore_result=True)
def prune_journal(**_: object) -> None:
    """Sweep out files of images that no row names. Safe to run twice."""
    retention.prune(at=clock.now())
