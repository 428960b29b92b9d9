"""What kind of trader this is: every metric, sizes, winners against losers."""

from __future__ import annotations

from django.http import HttpResponse
from rest_framework.request import Request

from common.api import Analytic, answers, reply
from personal import examples, queries
from personal.serializers import (
    OneProductParams,
    PerformanceByPnlOut,
    SummaryOut,
    WinLossOut,
)
from personal.serializers.as_of import BookedMetaOut, BookedParams
from personal.views.reading import asked_for, told


class Summary(Analytic):
    """Every metric of the trades closed in a period, by the books of now or of an instant."""

    @answers(SummaryOut, BookedParams, meta=BookedMetaOut, example=examples.SUMMARY)
    def get(self, request: Request) -> HttpResponse:
        asked, scope = asked_for(request, BookedParams)
        found = queries.summary.asked(
            accounts=scope.accounts, period=asked["period"], products=asked["product"],
            as_of=asked["as_of"],
        )  # fmt: skip
        return reply(SummaryOut, found, **told(request, asked, scope, as_of=asked["as_of"]))


class PerformanceByPnl(Analytic):
    """PnL by day, cumulative too, and the trades by size of their PnL."""

    @answers(PerformanceByPnlOut, OneProductParams, example=examples.PERFORMANCE_BY_PNL)
    def get(self, request: Request) -> HttpResponse:
        asked, scope = asked_for(request, OneProductParams)
        found = queries.performance_by_pnl.asked(
            accounts=scope.accounts, period=asked["period"], products=asked["product"]
        )
        return reply(PerformanceByPnlOut, found, **told(request, asked, scope))


class WinLossRatio(Analytic):
    """Winning against losing trades: counts, rates, averages."""

    @answers(WinLossOut, OneProductParams, example=examples.WIN_LOSS_RATIO)
    def get(self, request: Request) -> HttpResponse:
        asked, scope = asked_for(request, OneProductParams)
        found = queries.win_loss_ratio.asked(
            accounts=scope.accounts, period=asked["period"], products=asked["product"]
        )
        return reply(WinLossOut, found, **told(request, asked, scope))
