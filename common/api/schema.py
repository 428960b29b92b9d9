"""The schema of an endpoint: our envelope by `answers`, our errors by themselves."""

from __future__ import annotations

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiResponse

from common.api.errors import ErrorOut

_ERRORS = {
    "400": "A bad or missing value; `fields` names it",
    "401": "Not signed in, or the token is no longer good",
    "403": "Signed in, but not allowed",
    "404": "No such thing within sight",
    "429": "Too many requests; wait `Retry-After` seconds",
    "503": "A needed part is down; try again",
}


class EnvelopeSchema(AutoSchema):
    """Adds the errors that every endpoint may answer, and tags by the part of the API."""

    def get_response_serializers(self) -> Any:
        declared: Any = super().get_response_serializers()
        if not isinstance(declared, dict):
            return declared
        told = {str(status) for status in declared}
        errors = {
            status: OpenApiResponse(ErrorOut, sentence)
            for status, sentence in _ERRORS.items()
            if status not in told
        }
        return {**declared, **errors}

    def get_tags(self) -> list[str]:
        parts = self.path.removeprefix("/api/v1/").split("/")
        return [parts[0] if len(parts) > 1 else "market and desk"]

    def get_operation_id(self) -> str:
        parts = self.path.removeprefix("/api/v1/").replace("{", "by-").replace("}", "")
        return f"{self.method.lower()}-{parts.strip('/').replace('/', '-').replace('_', '-')}"
