"""JSON bodies, read as strictly as they are written: UTF-8, finite numbers, bounded depth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

import orjson
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


class Json(JSONParser):
    """application/json; what cannot be read is a 400, however deep it is nested.

    DRF holds the bodies of its own JSONParser to DATA_UPLOAD_MAX_MEMORY_SIZE, so this is one.
    """

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        try:
            return orjson.loads(stream.read())
        except orjson.JSONDecodeError as error:
            raise ParseError(f"The body is not JSON: {error}") from error
