"""Shapes of what the group made around the events of the calendar, and what may be asked."""

from __future__ import annotations

from rest_framework import serializers

from common.api import PeriodParams
from comparative.queries.calendar_events import GroupTradedProduct
from comparative.serializers.figures import FigureOut
from comparative.serializers.performance import GroupProductOut
from futures.serializers import EventOut, KindsParams, ProductsParams, WindowParams


class GroupEventsParams(WindowParams, KindsParams, ProductsParams, PeriodParams):
    """The group's trades around the events of a period."""


class GroupEventOut(FigureOut):
    event = EventOut()
    products = GroupProductOut(
        many=True, help_text="by absolute pnl, all of them; suppressed ones last"
    )


class GroupTradedProductOut(serializers.Serializer[GroupTradedProduct]):
    symbol = serializers.CharField()
    id = serializers.IntegerField()
