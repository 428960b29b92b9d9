"""How every personal view begins and ends."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request

from accounts import access
from common.api import read
from personal.queries.reading import Reading


def asked_for(request: Request, params: Any) -> tuple[dict[str, Any], access.PersonalScope]:
    """Read the parameters, and allow the accounts that they ask for."""
    asked = read(params, request)
    return asked, access.personal_asked(request, asked)


def about(scope: access.PersonalScope, found: Reading[Any]) -> dict[str, Any]:
    """Return what `meta` says of every personal reading."""
    return {
        "trader": scope.trader_id,
        "data_through": found.data_through,
        "notes": found.notes,
    }
