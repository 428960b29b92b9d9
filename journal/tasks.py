"""Doors for the workers."""

from __future__ import annotations

from celery import shared_task

from common import clock
from journal import actions


@shared_task(ignore_result=True)
def write_prompts(**_: object) -> None:
    """Write this week's welcome prompts. Safe to run twice, even at once."""
    actions.write_prompts(at=clock.now())
