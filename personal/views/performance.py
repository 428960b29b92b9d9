"""Sums of closed trades: by time, by product, by tag."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.api import answers, reply
from journal.queries.tagged import journal_version
from journal.queries.tags import tags_of, totals
from personal import examples, queries
from personal.serializers import (
    CategoryResultOut,
    DayPnlOut,
    OwnOpenPeriodParams,
    OwnPeriodParams,
    ProductResultOut,
    TagTreeMetaOut,
    TradedProductOut,
)
from personal.serializers.as_of import BookedMetaOut, BookedParams
from personal.views.reading import about, asked_for


class TradedProducts(APIView):
    """Products with a closed trade, by symbol; of all time where no dates are given."""

    @answers(TradedProductOut, OwnOpenPeriodParams, many=True, example=examples.TRADED_PRODUCTS)
    def get(self, request: Request) -> Response:
        asked, scope = asked_for(request, OwnOpenPeriodParams)
        found = queries.traded_products(accounts=scope.accounts, period=asked["period"])
        return reply(TradedProductOut, found.rows, period=asked["period"], **about(scope, found))


class PerformanceByTime(APIView):
    """PnL by day, and each day's by product, by the books of now or of an instant."""

    @answers(
        DayPnlOut, BookedParams, many=True, meta=BookedMetaOut, example=examples.PERFORMANCE_BY_TIME
    )
    def get(self, request: Request) -> Response:
        asked, scope = asked_for(request, BookedParams)
        found = queries.performance_by_time(
            accounts=scope.accounts, period=asked["period"], products=asked["product"],
            as_of=asked["as_of"],
        )  # fmt: skip
        told = {**about(scope, found), "as_of": asked["as_of"]}
        return reply(DayPnlOut, found.rows, period=asked["period"], **told)


class PerformanceByProduct(APIView):
    """PnL by product, largest absolute PnL first; all products."""

    @answers(ProductResultOut, OwnPeriodParams, many=True, example=examples.PERFORMANCE_BY_PRODUCT)
    def get(self, request: Request) -> Response:
        asked, scope = asked_for(request, OwnPeriodParams)
        found = queries.performance_by_product(accounts=scope.accounts, period=asked["period"])
        return reply(ProductResultOut, found.rows, period=asked["period"], **about(scope, found))


class PerformanceByTag(APIView):
    """PnL by tag, the trader's own tags on the third level.

    The whole taxonomy in its order, tags without a trade too. A trade counts under each of its
    tags, and once in each category; a tag holds the trades of the custom tags under it.
    """

    @answers(
        CategoryResultOut, OwnPeriodParams, many=True, meta=TagTreeMetaOut,
        example=examples.PERFORMANCE_BY_TAG,
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        asked, scope = asked_for(request, OwnPeriodParams)
        tags, version = tags_of(scope.trader_id), journal_version(scope.accounts)
        found = queries.performance_by_tag(
            accounts=scope.accounts, period=asked["period"], tags=tags, version=version
        )
        told = {**about(scope, found), **totals(tags)}
        return reply(CategoryResultOut, found.rows, period=asked["period"], **told)
