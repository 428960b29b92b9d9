"""Of every finished request: how long it took, in the metrics and in a line of the log.

Both name the route and never the address: what stands for its parts may tell of somebody.
"""

from __future__ import annotations

import functools
import re
import time
from collections.abc import Callable
from typing import Any

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.functional import LazyObject, empty

from common import metrics

log = structlog.get_logger(__name__)

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
UNWATCHED = frozenset({"health", "health/ready", "metrics"})  # asked all day by machines
_END = re.compile(r"(/\?|\\Z|\$)+$")
_PART = re.compile(r"\(\?P<(\w+)>[^)]*\)")


class Answered:
    """Stands outermost but for the request's id, so that what refuses early is counted too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        start = time.perf_counter()
        answer = self.get_response(request)
        seconds = time.perf_counter() - start
        match = request.resolver_match
        route = _plain(match.route) if match else "-"  # "-": answered before an address was sought
        method = request.method if request.method in METHODS else "other"
        metrics.REQUESTS.add(seconds, route, str(method), f"{answer.status_code // 100}xx")
        if settings.ACCESS_LOG and (route not in UNWATCHED or answer.status_code >= 400):
            log.info(
                "request",
                method=method,
                route=route,
                status=answer.status_code,
                ms=round(seconds * 1000, 1),
                user=_known_user(request),
            )
        return answer


@functools.lru_cache(maxsize=1024)
def _plain(route: str) -> str:
    """Return a route as one reads it: personal/trades/<trade_id>."""
    return _PART.sub(r"<\1>", _END.sub("", route.replace("^", "")))


def _known_user(request: HttpRequest) -> Any:
    """Return the id of who asked, where that is known already; nothing is asked for it."""
    user: Any = getattr(request, "user", None)
    if isinstance(user, LazyObject) and user.__dict__.get("_wrapped") is empty:
        return None
    return getattr(user, "pk", None)
