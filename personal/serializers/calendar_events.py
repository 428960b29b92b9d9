"""Shapes of what was made around the events of the calendar, and what may be asked."""

from __future__ import annotations

from rest_framework import serializers

from common.api import Usd
from futures.serializers import EventOut, KindsParams, WindowParams
from personal.queries.calendar_events import EventPnl
from personal.serializers.params import SomeProductsParams
from personal.serializers.performance import ProductPnlOut


class AroundEventsParams(WindowParams, KindsParams, SomeProductsParams):
    """The trades of one trader around the events of a period."""


class EventPnlOut(serializers.Serializer[EventPnl]):
    """What a trader made around one event."""

    event = EventOut(help_text="the event")
    pnl = Usd(help_text="net of fees; 0 without a trade")
    trade_count = serializers.IntegerField(help_text="trades closed around it")
    products = ProductPnlOut(many=True, help_text="by absolute pnl, all of them")
