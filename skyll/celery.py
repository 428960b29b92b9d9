"""The Celery application; its broker is only a hint, the cursors are in PostgreSQL."""

from __future__ import annotations

import os
import signal

from celery import Celery
from celery.signals import worker_process_init

from skyll.embedded import tether

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "skyll.settings")

app = Celery("skyll")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_process_init.connect
def _die_with_the_worker(**_: object) -> None:
    """A killed worker leaves no pool process behind."""
    tether.tie(signal.SIGKILL)
