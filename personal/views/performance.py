"""Sums of closed trades: by time, by product, by tag."""

from __future__ import annotations

from django.http import HttpResponse
from rest_framework.request import Request

from common.api import Analytic, answers, reply
from common.cache import asking
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
from personal.views.reading import asked_for, told


class TradedProducts(Analytic):
    """Products with a closed trade, by symbol; of all time where no dates are given."""

    @answers(TradedProductOut, OwnOpenPeriodParams, many=True, example=examples.TRADED_PRODUCTS)
    def get(self, request: Request) -> HttpResponse:
        asked, scope = asked_for(request, OwnOpenPeriodParams)
        found = queries.traded_products.asked(accounts=scope.accounts, period=asked["period"])
        return reply(TradedProductOut, found, **told(request, asked, scope))


class PerformanceByTime(Analytic):
    """PnL by day, and each day's by product, by the books of now or of an instant."""

    @answers(
        DayPnlOut, BookedParams, many=True, meta=BookedMetaOut, example=examples.PERFORMANCE_BY_TIME
    )
    def get(self, request: Request) -> HttpResponse:
        asked, scope = asked_for(request, BookedParams)
        found = queries.performance_by_time.asked(
            accounts=scope.accounts, period=asked["period"], products=asked["product"],
            as_of=asked["as_of"],
        )  # fmt: skip
        return reply(DayPnlOut, found, **told(request, asked, scope, as_of=asked["as_of"]))


class PerformanceByProduct(Analytic):
    """PnL by product, largest absolute PnL first; all products."""

    @answers(ProductResultOut, OwnPeriodParams, many=True, example=examples.PERFORMANCE_BY_PRODUCT)
    def get(self, request: Request) -> HttpResponse:
        asked, scope = asked_for(request, OwnPeriodParams)
        found = queries.performance_by_product.asked(
            accounts=scope.accounts, period=asked["period"]
        )
        return reply(ProductResultOut, found, **told(request, asked, scope))


class PerformanceByTag(Analytic):
    """PnL by tag, the trader's own tags on the third level.

    The whole taxonomy in its order, tags without a trade too. A trade counts under each of its
    tags, and once in each category; a tag holds the trades of the custom tags under it.
    """

    @answers(
        CategoryResultOut, OwnPeriodParams, many=True, meta=TagTreeMetaOut,
        example=examples.PERFORMANCE_BY_TAG,
    )  # fmt: skip
    def get(self, request: Request) -> HttpResponse:
        asked, scope = asked_for(request, OwnPeriodParams)
        tags, version = tags_of(scope.trader_id), journal_version(scope.accounts)
        found = asking(
            queries.performance_by_tag, ttl="personal.performance-by-tag",
            accounts=scope.accounts, period=asked["period"], tags=tags, version=version,
        )  # fmt: skip
        return reply(CategoryResultOut, found, **told(request, asked, scope, **totals(tags)))
