"""Shapes of the group's sums: by time, by product."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from comparative.queries.performance_by_time import GroupDay
from comparative.serializers.figures import FigureOut


class GroupProductOut(FigureOut):
    """What the group made with one product."""

    product = serializers.CharField(help_text="symbol")
    product_id = serializers.IntegerField(help_text="for `product=`")


class GroupDayOut(serializers.Serializer[GroupDay]):
    """What the group made on one day."""

    date = serializers.DateField(help_text="UTC day of the closing fills")
    daynumber = serializers.IntegerField(
        min_value=1, max_value=7, help_text="1 = Monday ... 7 = Sunday"
    )
    products = GroupProductOut(
        many=True, help_text="from most to least profitable, all of them; suppressed ones last"
    )


class GroupProductResultOut(GroupProductOut):
    """What the group made with one product in the whole period."""

    name = serializers.CharField(help_text="e.g. E-mini S&P 500")
    color = serializers.CharField(help_text="hex code, the same in every chart")

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {
            **super().get_fields(),
            "traders": serializers.IntegerField(
                allow_null=True,
                help_text="different traders behind the sum, the viewer included; null if "
                "suppressed",
            ),
            "days_left_out": serializers.IntegerField(
                help_text="days that are not in the sum, for fewer other traders than the group's "
                "min_cohort traded the product on them"
            ),
        }
