"""The group's results around the events of the calendar."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from common.api import Analytic, answers, reply
from comparative import examples, queries
from comparative.serializers import GroupEventOut, GroupEventsParams, GroupTradedProductOut
from comparative.views.reading import Asked, asked
from futures.queries import calendar_version


class CalendarEvents(Analytic):
    """PnL of the group around the events of the calendar, by time; real USD for every viewer.

    The viewer's own trades included; events without a trade with zeros, up to yesterday, UTC. An
    event has the trades closed on its UTC day. With `before` or `after`, minutes, it has those
    closed from so long before it until so long after it, both ends included, on whichever day that
    is covered. Two events on one day, and windows that overlap, show the same trades twice: do not
    add up.

    Where the group sets min_cohort, regular users do not see the sum of a day and product that
    fewer other traders stand behind, and no window cuts the others' day of a product: it is told
    where all that they closed of it that day lies within, else suppressed.
    """

    @answers(GroupEventOut, GroupEventsParams, many=True, example=examples.CALENDAR_EVENTS)
    def get(self, request: Request) -> HttpResponse:
        this = asked(request, GroupEventsParams)
        return reply(GroupEventOut, queries.calendar_events.asked(**_around(this)), **this.meta())


class CalendarEventsTradedProducts(Analytic):
    """Products of the group's trades that `calendar-events` shows for the same parameters.

    Where the group sets min_cohort, regular users see the products that they traded themselves and
    those of which `calendar-events` tells a figure.
    """

    @answers(GroupTradedProductOut, GroupEventsParams, many=True, example=examples.TRADED_PRODUCTS)
    def get(self, request: Request) -> HttpResponse:
        this = asked(request, GroupEventsParams)
        products = queries.calendar_events_traded_products.asked(**_around(this))
        return reply(GroupTradedProductOut, products, **this.meta())


def _around(this: Asked) -> dict[str, Any]:
    """Return which trades around which events are asked for."""
    return {
        **this.inputs,
        "through": this.through,
        "kinds": this.params["kinds"],
        "window": this.params["window"],
        "products": this.params["product"],
        "version": calendar_version(),
    }
