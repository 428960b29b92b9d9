"""Answers are sent compressed, but for pictures and Excel files: those are already.

What is kept comes zipped (`common.api.kept`). Of the rest the long ones are zipped quickly: the
usual level takes twice as long, and saves a fifth.
"""

from __future__ import annotations

import gzip
import secrets

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware, re_accepts_gzip
from django.utils.cache import patch_vary_headers

_ZIPPED = ("image/", "application/vnd.openxmlformats")
LONG = 32_768  # bytes
LEVEL = 1
_HEAD, _FLAGS, _NAMED = 10, 3, 8  # of the format: its head, the flags therein, "has a name"


class Zipped(GZipMiddleware):
    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if response.get("Content-Type", "").startswith(_ZIPPED):
            return response
        if isinstance(response, HttpResponse) and _is_long(request, response):
            return self._zipped(response)
        return super().process_response(request, response)

    def _zipped(self, response: HttpResponse) -> HttpResponse:
        plain = gzip.compress(response.content, LEVEL, mtime=0)
        # As Django does: a name of a random length, so that no length tells a secret (BREACH).
        name = b"a" * secrets.randbelow(self.max_random_bytes) + b"\0"
        head = bytearray(plain[:_HEAD])
        head[_FLAGS] = _NAMED
        response.content = bytes(head) + name + plain[_HEAD:]
        patch_vary_headers(response, ("Accept-Encoding",))
        response["Content-Length"] = str(len(response.content))
        response["Content-Encoding"] = "gzip"
        etag = response.get("ETag", "")
        if etag.startswith('"'):
            response["ETag"] = f"W/{etag}"
        return response


def _is_long(request: HttpRequest, response: HttpResponse) -> bool:
    """Say whether it is worth haste, and the client takes it zipped."""
    return (
        len(response.content) >= LONG
        and not response.has_header("Content-Encoding")
        and bool(re_accepts_gzip.search(request.META.get("HTTP_ACCEPT_ENCODING", "")))
    )
