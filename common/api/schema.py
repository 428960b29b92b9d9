"""How the schema names and sorts the endpoints; what they take and give is said by `answers`."""

from __future__ import annotations

import re
from typing import Any

from drf_spectacular.openapi import AutoSchema

from common.quota import HEADERS

BASE = "/api/v1/"


class EnvelopeSchema(AutoSchema):
    """Tags by the part of the API, operation ids by the address, summaries by the docstring."""

    def get_tags(self) -> list[str]:
        room, _, rest = self.path.removeprefix(BASE).partition("/")
        return [room if rest else "desk"]

    def get_operation_id(self) -> str:
        """Return a good method name for a generated client: getPersonalTradesByTradeId."""
        address = self.path.removeprefix(BASE).replace("{", "by-")
        words = re.findall(r"[a-z0-9]+", address)
        return self.method.lower() + "".join(word.capitalize() for word in words)

    def get_summary(self) -> str | None:
        """Return the first sentence of the docstring."""
        return self._told()[0] or None

    def get_description(self) -> str:  # type: ignore[override]
        """Return what the docstring says after its first sentence."""
        return self._told()[1]

    def _resolve_path_parameters(self, variables: list[str]) -> list[Any]:
        """Say what the parts of an address are."""
        found: list[Any] = super()._resolve_path_parameters(variables)  # type: ignore[no-untyped-call]
        for one in found:
            one.setdefault("description", f"id of the {one['name'].removesuffix('_id')}")
        return found

    def _get_response_headers_for_code(
        self, status_code: str, direction: str = "response"
    ) -> dict[str, Any]:
        """Name the headers that every answer has; a refusal that passes says when to try again."""
        own: dict[str, Any] = super()._get_response_headers_for_code(status_code, direction)
        passing = status_code in ("429", "503")
        names = (name for name in HEADERS if passing or name != "Retry-After")
        return {**{name: {"$ref": f"#/components/headers/{name}"} for name in names}, **own}

    def _told(self) -> tuple[str, str]:
        first, _, rest = str(super().get_description()).partition("\n\n")
        sentence, _, more = " ".join(first.split()).partition(". ")
        return sentence.removesuffix("."), "\n\n".join(filter(None, (more, rest)))
