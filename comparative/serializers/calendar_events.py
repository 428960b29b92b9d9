"""Shapes of what the group made around the events of the calendar, and what may be asked."""

from __future__ import annotations

from rest_framework import serializers

from common.api import PeriodParams
from comparative.serializers.figures import FigureOut
from comparative.serializers.performance import GroupProductOut
from futures.queries import ProductName
from futures.serializers import EventOut, KindsParams, ProductsParams, WindowParams


class GroupEventsParams(WindowParams, KindsParams, ProductsParams, PeriodParams):
    """The group's trades around the events of a period."""


class GroupEventOut(FigureOut):
    """What the group made around one event."""

    event = EventOut(help_text="the event")
    products = GroupProductOut(
        many=True, help_text="by absolute pnl, all of them; suppressed ones last"
    )


class GroupTradedProductOut(serializers.Serializer[ProductName]):
    """A product that the group traded around the events."""

    symbol = serializers.CharField(help_text="e.g. ES")
    id = serializers.IntegerField(help_text="for `product=`")
