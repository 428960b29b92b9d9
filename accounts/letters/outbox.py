"""Write down that a letter is owed, and tell a worker."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import Literal

from celery import current_app
from django.db import transaction
from kombu.exceptions import KombuError

from accounts.models import Letter
from common import store

Kind = Literal["verification", "known", "reset", "invitation", "password_changed"]

TASK = "accounts.tasks.send_letters"
HINT_LASTS = 60  # seconds; beat gives it again
_TIMEOUT_SECONDS = 0.25
_AT_ONCE = {
    "socket_timeout": _TIMEOUT_SECONDS,
    "socket_connect_timeout": _TIMEOUT_SECONDS,
    "max_retries": 0,
}


def write(kind: Kind, *, email: str, at: datetime) -> None:
    """Owe a letter to an address, whoever has it; with the caller's transaction or not at all.

    One INSERT and nothing else, so that a request tells nobody whether the address is known.
    """
    Letter.objects.create(kind=kind, email=email.lower(), created_at=at, due_at=at)
    transaction.on_commit(_hint, robust=True)


def _hint() -> None:
    """Wake a worker; without a broker the letter waits for beat's next turn.

    The broker is the fast store's server: while that is known to be down nothing is asked of it,
    and what fails here counts for it.
    """
    with suppress(store.Down):
        store.ask(lambda redis: redis.ping())
        store.breaker.call(_publish)


def _publish() -> None:
    try:
        # A link of its own: those of Celery's pool wait for minutes.
        with current_app.connection_for_write(transport_options=_AT_ONCE) as link:
            current_app.send_task(
                TASK, connection=link, retry=False, ignore_result=True, expires=HINT_LASTS
            )
    except KombuError as error:
        raise ConnectionError(str(error)) from error
