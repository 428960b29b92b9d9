"""How the schema names a signed address: a key in the query, which an `<img>` can send."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension

from journal.addresses import PARAM


class SignedAddressScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "journal.addresses.SignedAddress"
    name = "signedAddress"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "query", "name": PARAM}
