"""Shapes of the group's sums."""

from __future__ import annotations

from rest_framework import serializers

from comparative.queries.performance_by_time import GroupDay
from comparative.serializers.figures import FigureOut


class GroupProductOut(FigureOut):
    product = serializers.CharField(help_text="symbol")
    product_id = serializers.IntegerField()


class GroupDayOut(serializers.Serializer[GroupDay]):
    date = serializers.DateField(help_text="UTC day of the closing fills")
    daynumber = serializers.IntegerField(help_text="1 = Monday ... 7 = Sunday")
    products = GroupProductOut(
        many=True, help_text="from most to least profitable, all of them; suppressed ones last"
    )
