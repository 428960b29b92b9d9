"""Answers are sent compressed, but for pictures and Excel files: those are already."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

_ZIPPED = ("image/", "application/vnd.openxmlformats")


class Zipped(GZipMiddleware):
    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if response.get("Content-Type", "").startswith(_ZIPPED):
            return response
        return super().process_response(request, response)
