"""Bodies with a file: multipart/form-data, for the few endpoints that take one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from rest_framework.parsers import MultiPartParser

from common.api.errors import Refusal

BESIDE_THE_FILE = 64 * 1024  # bytes: boundaries, headers of the parts, short fields


class TooLarge(Refusal):
    """Told by the header alone: nothing of the body has been read."""

    status = 413
    message = "The request is too large"
    code = "too_large"


class Form(MultiPartParser):
    """multipart/form-data that says how long it is, and is not longer than a file may be."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        # The stream ends where the header says: what is sent beyond it is never read.
        told = (parser_context or {})["request"].META.get("CONTENT_LENGTH") or "0"
        if int(told) > settings.IMAGE_BYTES + BESIDE_THE_FILE:
            raise TooLarge(f"The request is too large: an image may have {megabytes()} MB")
        return super().parse(stream, media_type, parser_context)


def megabytes() -> int:
    return int(settings.IMAGE_BYTES) // 1024**2
