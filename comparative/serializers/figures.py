"""The figures that may be suppressed, the same in every row of the group's readings."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from common.api import Usd


class FigureOut(serializers.Serializer[Any]):
    """Says what a row is about, then `pnl`, `trade_count` and `suppressed`."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {
            **super().get_fields(),
            "pnl": Usd(
                allow_null=True, help_text="of all visible traders, net of fees; null if suppressed"
            ),
            "trade_count": serializers.IntegerField(
                allow_null=True, help_text="null if suppressed"
            ),
            "suppressed": serializers.BooleanField(
                help_text="true where fewer other traders than the group's min_cohort stand behind "
                "the sum"
            ),
        }
