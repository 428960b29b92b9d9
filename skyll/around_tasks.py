"""What happens around every task: ids in its log lines, its time in the metrics.

A task that a request sent carries the request's id, and so do the tasks which that one sends; one
that a task sent also carries the id of the first in the row (for beat's, beat's own).
"""

from __future__ import annotations

import time
from collections.abc import Mapping, MutableMapping
from contextlib import suppress
from typing import Any

import structlog
from celery import Task
from celery.signals import (
    before_task_publish,
    task_postrun,
    task_prerun,
    worker_process_shutdown,
)

from common import metrics

CARRIED = "request_id"
_running: dict[str, tuple[float, Mapping[str, Any]]] = {}  # by task: begun at, what to unbind


@before_task_publish.connect
def _carry(headers: MutableMapping[str, Any] | None = None, **_: object) -> None:
    known = structlog.contextvars.get_contextvars().get(CARRIED)
    if known and headers is not None:
        headers[CARRIED] = known


@task_prerun.connect
def _begin(task_id: str, task: Task[Any, Any], **_: object) -> None:
    ids = {"task_id": task_id, "task": task.name}
    asked = task.request
    if asked.root_id and asked.root_id != task_id:
        ids["root_task_id"] = asked.root_id
    if carried := getattr(asked, CARRIED, None):
        ids[CARRIED] = str(carried)
    _running[task_id] = time.perf_counter(), structlog.contextvars.bind_contextvars(**ids)


@task_postrun.connect
def _end(task_id: str, task: Task[Any, Any], state: str | None = None, **_: object) -> None:
    begun, tokens = _running.pop(task_id, (None, {}))
    with suppress(ValueError):  # bound in another context: it ended with that
        structlog.contextvars.reset_contextvars(**tokens)
    if begun is not None:
        metrics.TASKS.add(time.perf_counter() - begun, task.name, (state or "lost").lower())


@worker_process_shutdown.connect
def _hand_over(**_: object) -> None:
    """A worker's process that ends in good order leaves nothing uncounted."""
    with suppress(Exception):
        metrics.recorder.hand_over()
