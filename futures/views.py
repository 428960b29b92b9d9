"""Public market facts, for everyone signed in."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.api import ListMetaOut, answers, read, reply_list, reply_ready, shaped
from futures import examples, queries
from futures.serializers import (
    ChoicesOut,
    EventListMetaOut,
    EventOut,
    EventsParams,
    PriceMetaOut,
    PriceOut,
    PricesParams,
    ProductOut,
)


class Products(APIView):
    """All products by symbol; use `color` for the product in every chart."""

    @answers(ProductOut, many=True, meta=ListMetaOut, example=examples.PRODUCTS)
    def get(self, request: Request) -> Response:
        rows = queries.products(version=queries.products_version())
        return reply_list(ProductOut, rows)


class CalendarEvents(APIView):
    """Economic events by time, UTC; `meta.filters` has the values to choose from.

    Past ones and those to come, whoever traded around them.
    """

    @answers(
        EventOut, EventsParams, many=True, meta=EventListMetaOut, example=examples.CALENDAR_EVENTS
    )
    def get(self, request: Request) -> Response:
        asked = read(EventsParams, request)
        found = queries.calendar_events(
            period=asked["period"], kinds=asked["kinds"], version=queries.calendar_version()
        )
        return reply_list(
            EventOut,
            found.events,
            start_date=asked["start_date"],
            end_date=asked["end_date"],
            filters=shaped(ChoicesOut, found.filters, many=False),
        )


class FuturesPriceData(APIView):
    """Candles of a contract's price by time; a `datetime` is the candle's start, UTC.

    Longer ones are made of minutes and start on the UTC clock: at :00, :05 and so on. Where nothing
    was traded there is none. 1min covers at most 31 days, the others any range.
    """

    @answers(
        PriceOut, PricesParams, many=True, meta=PriceMetaOut, example=examples.FUTURES_PRICE_DATA
    )
    def get(self, request: Request) -> Response:
        asked = read(PricesParams, request)
        contract = queries.contract_named(asked["contract"])
        found = queries.price_data(
            contract=contract, period=asked["period"], timeframe=asked["timeframe"]
        )
        return reply_ready(
            bytes(found.rows),
            count=found.count,
            contract=contract.name,
            product=contract.product,
            product_id=contract.product_id,
            timeframe=asked["timeframe"],
            start_date=asked["start_date"],
            end_date=asked["end_date"],
        )
