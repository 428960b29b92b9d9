"""Doors for the workers. What is due stands in the database: a lost message does no harm."""

from __future__ import annotations

from celery import shared_task

from accounts import letters, persons, retention
from common import clock

AT_ONCE = 200


@shared_task(ignore_result=True)
def send_letters(**_: object) -> None:
    """Send the mails that are due. Safe to run twice, even at once."""
    for _turn in range(AT_ONCE):
        if not letters.send_next(at=clock.now()):
            return


@shared_task(ignore_result=True)
def prune_accounts(**_: object) -> None:
    """Sweep out tokens, sessions, counts and letters that are over. Safe to run twice.

    And what came back of persons who were erased.
    """
    retention.prune(at=clock.now())
    persons.sweep(at=clock.now())
