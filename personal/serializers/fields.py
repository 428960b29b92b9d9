"""Words for the sides of fills; of trades those of the ledger."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from ledger.serializers import PositionSide

__all__ = ["FillSide", "PositionSide"]


@extend_schema_field({"type": "string", "enum": ["buy", "sell"]})
class FillSide(serializers.Field[int, Any, str, Any]):
    """What one fill did."""

    def to_representation(self, value: int) -> str:
        return "buy" if value > 0 else "sell"
