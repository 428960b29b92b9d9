"""What kind of trader this is: every metric, sizes, winners against losers."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.api import answers, reply
from personal import examples, queries
from personal.serializers import (
    OneProductParams,
    PerformanceByPnlOut,
    SummaryOut,
    WinLossOut,
)
from personal.serializers.as_of import BookedMetaOut, BookedParams
from personal.views.reading import about, asked_for


class Summary(APIView):
    """Every metric of the trades closed in a period, by the books of now or of an instant."""

    @answers(SummaryOut, BookedParams, meta=BookedMetaOut, example=examples.SUMMARY)
    def get(self, request: Request) -> Response:
        asked, scope = asked_for(request, BookedParams)
        found = queries.summary(
            accounts=scope.accounts, period=asked["period"], products=asked["product"],
            as_of=asked["as_of"],
        )  # fmt: skip
        told = {**about(scope, found), "as_of": asked["as_of"]}
        return reply(SummaryOut, found.rows, period=asked["period"], **told)


class PerformanceByPnl(APIView):
    """PnL by day, cumulative too, and the trades by size of their PnL."""

    @answers(PerformanceByPnlOut, OneProductParams, example=examples.PERFORMANCE_BY_PNL)
    def get(self, request: Request) -> Response:
        asked, scope = asked_for(request, OneProductParams)
        found = queries.performance_by_pnl(
            accounts=scope.accounts, period=asked["period"], products=asked["product"]
        )
        return reply(PerformanceByPnlOut, found.rows, period=asked["period"], **about(scope, found))


class WinLossRatio(APIView):
    """Winning against losing trades: counts, rates, averages."""

    @answers(WinLossOut, OneProductParams, example=examples.WIN_LOSS_RATIO)
    def get(self, request: Request) -> Response:
        asked, scope = asked_for(request, OneProductParams)
        found = queries.win_loss_ratio(
            accounts=scope.accounts, period=asked["period"], products=asked["product"]
        )
        return reply(WinLossOut, found.rows, period=asked["period"], **about(scope, found))
