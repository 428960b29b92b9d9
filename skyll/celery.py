"""The Celery application; its broker is only a hint, the cursors are in PostgreSQL."""

from __future__ import annotations

import os
import signal

from celery import Celery
from celery.signals import beat_init, worker_process_init, worker_ready

from skyll import around_tasks  # noqa: F401 - connects itself
from skyll.embedded import tether

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "skyll.settings")

app = Celery("skyll")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_process_init.connect
def _die_with_the_worker(**_: object) -> None:
    """A killed worker leaves no pool process behind."""
    tether.tie(signal.SIGKILL)


@beat_init.connect
@worker_ready.connect
def _watch_too(**_: object) -> None:
    """Look after everything also when no task does."""
    from skyll.watch import pulse  # late: it needs the tables

    pulse.start()
