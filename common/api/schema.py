"""How the schema names and sorts the endpoints; what they take and give is said by `answers`."""

from __future__ import annotations

from drf_spectacular.openapi import AutoSchema

BASE = "/api/v1/"


class EnvelopeSchema(AutoSchema):
    """Tags by the part of the API, operation ids by the address."""

    def get_tags(self) -> list[str]:
        room, _, rest = self.path.removeprefix(BASE).partition("/")
        return [room if rest else "desk"]

    def get_operation_id(self) -> str:
        address = self.path.removeprefix(BASE).translate(str.maketrans("/_", "--", "{}"))
        return f"{self.method.lower()}-{address}"
