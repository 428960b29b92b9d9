"""Is it alive, and can it work?"""

from __future__ import annotations

from django.db import connection
from django.db.utils import Error
from django.http import HttpRequest, JsonResponse

from common import store


def alive(request: HttpRequest) -> JsonResponse:
    """200 while the process answers."""
    return JsonResponse({"status": "ok"})


def ready(request: HttpRequest) -> JsonResponse:
    """200 while the database answers, else 503; the cache is told but may be missing."""
    parts = {"database": _database(), "cache": _cache()}
    status = 200 if parts["database"] else 503
    words = {name: "ok" if up else "down" for name, up in parts.items()}
    return JsonResponse({"status": "ok" if status == 200 else "down", **words}, status=status)


def _database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return False
    return True


def _cache() -> bool:
    try:
        return bool(store.ask(lambda redis: redis.ping()))
    except store.Down:
        return False
