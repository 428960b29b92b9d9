"""Every route answers with and without the trailing slash; the schema lists the form without."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.urls import URLPattern, path

if TYPE_CHECKING:
    from rest_framework.views import APIView


def route(address: str, view: type[APIView]) -> list[URLPattern]:
    """Return both forms of one address, without a redirect: a redirect would lose a POST's body."""
    name = re.sub(r"<(?:\w+:)?(\w+)>", r"\1", address)
    return [
        path(address, view.as_view(), name=name),
        path(f"{address}/", view.as_view(schema=None), name=f"{name}/"),
    ]
