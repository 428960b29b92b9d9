"""What was made around events."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from accounts import access
from common.api import Analytic, answers, reply
from futures.queries import calendar_version
from personal import examples, queries
from personal.serializers import (
    AroundEventsParams,
    EventPnlOut,
    TradedProductOut,
)
from personal.views.reading import asked_for, told


class CalendarEvents(Analytic):
    """PnL around the events of the calendar, by time; events without a trade with zeros.

    An event has the trades closed on its UTC day. With `before` or `after`, minutes, it has those
    closed from so long before it until so long after it, both ends included, on whichever day.
    Two events on one day, and windows that overlap, show the same trades twice: do not add up.
    """

    @answers(EventPnlOut, AroundEventsParams, many=True, example=examples.CALENDAR_EVENTS)
    def get(self, request: Request) -> HttpResponse:
        asked, scope = asked_for(request, AroundEventsParams)
        found = queries.calendar_events.asked(**_around(asked, scope))
        return reply(EventPnlOut, found, **told(request, asked, scope))


class CalendarEventsTradedProducts(Analytic):
    """Products of the trades that `calendar-events` shows for the same parameters, by symbol."""

    @answers(TradedProductOut, AroundEventsParams, many=True, example=examples.TRADED_PRODUCTS)
    def get(self, request: Request) -> HttpResponse:
        asked, scope = asked_for(request, AroundEventsParams)
        found = queries.calendar_events_traded_products.asked(**_around(asked, scope))
        return reply(TradedProductOut, found, **told(request, asked, scope))


def _around(asked: dict[str, Any], scope: access.PersonalScope) -> dict[str, Any]:
    """Return which trades around which events are asked for."""
    return {
        "accounts": scope.accounts,
        "period": asked["period"],
        "kinds": asked["kinds"],
        "window": asked["window"],
        "products": asked["product"],
        "version": calendar_version(),
    }
