"""Is it alive, and can it work? Asked by whoever watches, without a log-in."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.db import connection
from django.db.utils import Error
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from common import clock, store
from common.api import errors
from ingestion import queries as ingestion
from skyll import broker

View = Callable[[HttpRequest], HttpResponse]
ALLOWED = ("GET", "HEAD")


def only_read(view: View) -> View:
    """Refuse every other method in JSON; without this a POST meets the HTML of the CSRF guard."""

    @wraps(view)
    def ask(request: HttpRequest) -> HttpResponse:
        if request.method in ALLOWED:
            return view(request)
        refused = errors.body(f'Method "{request.method}" not allowed.')
        return JsonResponse(refused, status=405, headers={"Allow": ", ".join(ALLOWED)})

    return csrf_exempt(ask)


@only_read
def alive(request: HttpRequest) -> JsonResponse:
    """200 while the process answers."""
    return JsonResponse({"status": "ok"})


@only_read
def ready(request: HttpRequest) -> JsonResponse:
    """200 while the database answers, else 503; what else is wrong makes it degraded.

    Without cache or broker, or with late polls, the API still answers right: to take it out of
    service would help nobody.
    """
    if not _database():
        return JsonResponse({"status": "down", "database": "down"}, status=503)
    polled = ingestion.poll_age(now=clock.now())
    parts = {
        "cache": "ok" if _cache() else "down",
        "broker": "ok" if broker.answers() else "down",
        "poll": "none" if polled is None else "late" if polled.is_late else "ok",
    }
    well = {"down", "late"}.isdisjoint(parts.values())
    return JsonResponse(
        {
            "status": "ok" if well else "degraded",
            "database": "ok",
            **parts,
            "poll_age_seconds": polled and polled.seconds,
        }
    )


def _database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return False
    return True


def _cache() -> bool:
    try:
        return bool(store.ask(lambda client: client.ping()))
    except store.Down:
        return False
