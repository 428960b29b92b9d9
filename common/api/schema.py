"""How the schema names and sorts the endpoints; what they take and give is said by `answers`."""

from __future__ import annotations

import re
from typing import Any, Literal

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.settings import spectacular_settings

from common.quota import HEADERS

BASE = "/api/v1/"
Direction = Literal["request", "response"]
# What Swagger fills in where something has to be given.
EXAMPLES = {
    "start_date": "2026-03-01",
    "end_date": "2026-03-31",
    "date": "2026-03-02",
    "contract": "ES Mar26",
    "trade_id": "0f8c6f6e-4f0e-5d5b-9a53-2f6a7e4b1801",
    "image_id": "6f1f2a7e-7d0c-4e0b-8f43-9a1d2c3b4e5f",
    "tag_id": 41,
    "entry_id": 57,
    "comment_id": 310,
}
# Names that a browser has for something else, or that say too little alone.
_TAKEN = {"Error": "ApiError", "Event": "CalendarEvent", "Account": "PlatformAccount"}


def _rooms() -> set[str]:
    return {tag["name"] for tag in spectacular_settings.TAGS}


class EnvelopeSchema(AutoSchema):
    """Tags by the part of the API, operation ids by the address, summaries by the docstring."""

    def get_tags(self) -> list[str]:
        room, _, rest = self.path.removeprefix(BASE).partition("/")
        return [room if rest and room in _rooms() else "desk"]

    def get_operation_id(self) -> str:
        """Return a good method name for a generated client: getPersonalTradesByTradeId."""
        address = self.path.removeprefix(BASE).replace("{", "by-")
        words = re.findall(r"[a-z0-9]+", address)
        return self.method.lower() + "".join(word.capitalize() for word in words)

    def get_serializer_name(self, serializer: Any, direction: Direction) -> str:
        """Return the name of a type in a generated client: Trade, LoginRequest."""
        name = super().get_serializer_name(serializer, direction)
        name = name.removesuffix("Out" if direction == "response" else "In")
        return _TAKEN.get(name, name)

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

    def _get_parameters(self) -> list[dict[str, Any]]:
        """Give an example of what has to be given; Swagger would send that of an optional one."""
        found: list[dict[str, Any]] = super()._get_parameters()
        for one in found:
            if one.get("required") and one["name"] in EXAMPLES:
                one["example"] = EXAMPLES[one["name"]]
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
