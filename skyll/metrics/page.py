"""GET /metrics, for Prometheus alone: not there without METRICS_TOKEN, and closed without it."""

from __future__ import annotations

import hmac

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from prometheus_client.exposition import choose_encoder

from common.api import errors
from skyll.health import only_read
from skyll.metrics.exposed import Scrape


@only_read
def metrics(request: HttpRequest) -> HttpResponse:
    """Every metric as text; asks neither PostgreSQL nor another process."""
    if not settings.METRICS_TOKEN:
        return JsonResponse(errors.body("Not found."), status=404)
    wanted = f"Bearer {settings.METRICS_TOKEN}"
    if not hmac.compare_digest(request.headers.get("Authorization", "").encode(), wanted.encode()):
        refused = errors.body("METRICS_TOKEN is asked for")
        return JsonResponse(refused, status=401, headers={"WWW-Authenticate": "Bearer"})
    encode, content_type = choose_encoder(request.headers.get("Accept", ""))
    return HttpResponse(
        encode(Scrape()), content_type=content_type, headers={"Cache-Control": "no-store"}
    )
