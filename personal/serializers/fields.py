"""Words for the sides of trades and fills."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers


@extend_schema_field({"type": "string", "enum": ["long", "short"]})
class PositionSide(serializers.Field[int, Any, str, Any]):
    """long where the first fill bought, short where it sold."""

    def to_representation(self, value: int) -> str:
        return "long" if value > 0 else "short"


@extend_schema_field({"type": "string", "enum": ["buy", "sell"]})
class FillSide(serializers.Field[int, Any, str, Any]):
    """What one fill did."""

    def to_representation(self, value: int) -> str:
        return "buy" if value > 0 else "sell"
