"""Doors for the workers."""

from __future__ import annotations

from celery import shared_task

from common import clock
from journal import actions, retention
from journal.actions import rolled


@shared_task(ignore_result=True)
def write_prompts(**_: object) -> None:
    """Write this week's welcome prompts. Safe to run twice, even at once."""
    actions.write_prompts(at=clock.now())


@shared_task(ignore_result=True)
def prune_journal(**_: object) -> None:
    """Sweep out files of images that no row names. Safe to run twice."""
    retention.prune(at=clock.now())


@shared_task(ignore_result=True)
def keep_tag_sums(**_: object) -> None:
    """Let the groups' sums by tag count whom they should, in few rows. Safe to run twice."""
    rolled.keep()


@shared_task(ignore_result=True)
def check_tag_sums(**_: object) -> None:
    """Hold the groups' sums by tag against trades and tags; mend and tell of what differs."""
    rolled.check_nightly(at=clock.now())
