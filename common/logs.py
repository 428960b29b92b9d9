"""Structured logs: one line per event, each with the id of its request."""

from __future__ import annotations

import sys
import uuid
from collections.abc import Callable
from typing import Any

import structlog
from django.http import HttpRequest, HttpResponse

HEADER = "X-Request-ID"
_SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def configure(*, json: bool, level: str = "INFO") -> dict[str, Any]:
    """Set structlog up and return Django's LOGGING; JSON lines for machines, else for people."""
    told = [*_SHARED, structlog.processors.format_exc_info] if json else _SHARED
    structlog.configure(
        processors=[*told, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    last: Any = (
        structlog.processors.JSONRenderer()
        if json
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(),
            # The default one prints local variables, which may hold secrets, and takes seconds.
            exception_formatter=structlog.dev.plain_traceback,
        )
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "lines": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": told,
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
            }
        },
        "handlers": {"screen": {"class": "logging.StreamHandler", "formatter": "lines"}},
        "root": {"handlers": ["screen"], "level": level},
        "loggers": {
            "django": {"handlers": [], "level": level, "propagate": True},
            "django.request": {"level": "ERROR"},  # a client's mistake is no event of ours
            "django.security.DisallowedHost": {"level": "CRITICAL"},  # nor is a scanner's
            # A poll asks, and beat ticks, every few seconds; failures are told by their own lines.
            "httpx": {"level": "WARNING"},
            "celery.beat": {"level": "WARNING"},
            "celery.app.trace": {"level": "WARNING"},
            "celery.worker.strategy": {"level": "WARNING"},
        },
    }


class RequestId:
    """Give every request an id, in its log lines and in its answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        known = uuid.uuid4().hex  # ours always: a client's could forge another's lines
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=known)
        response = self.get_response(request)
        response[HEADER] = known
        return response
