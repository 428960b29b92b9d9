"""How every personal view begins and ends."""

from __future__ import annotations

from datetime import date
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from accounts import access
from common.api import Day, read
from personal.queries.reading import Reading


def asked_for(request: Request, params: Any) -> tuple[dict[str, Any], access.PersonalScope]:
    """Read the parameters, and allow the accounts that they ask for."""
    asked = read(params, request)
    return asked, access.personal_asked(request, asked)


def told(
    request: Request, asked: dict[str, Any], scope: access.PersonalScope, **more: Any
) -> dict[str, Any]:
    """Return what `reply` is told of a question; the reading says the rest itself."""
    return {"request": request, "period": asked["period"], "trader": scope.trader_id, **more}


def about(scope: access.PersonalScope, found: Reading[Any]) -> dict[str, Any]:
    """Return what `meta` says of every personal reading."""
    return {
        "trader": scope.trader_id,
        "data_through": found.data_through,
        "notes": found.notes,
    }


def day_of_address(text: str) -> date:
    """Return the day that an address names, as parameters name theirs."""
    try:
        return Day().to_internal_value(text)
    except serializers.ValidationError as error:
        raise serializers.ValidationError({"date": error.detail}) from error
