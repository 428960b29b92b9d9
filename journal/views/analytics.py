"""What the trades of a journal tell: read, allow, ask, reply."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts import access
from common.api import Analytic, answers, read, reply
from common.cache import Cached
from journal import examples, queries
from journal.serializers.analytics import (
    ChosenParams,
    CurveParams,
    CurvePointOut,
    DailyPartOut,
    DurationProfitOut,
    FilterOptionsOut,
    OptionsParams,
    OverviewOut,
    SymbolPartOut,
    TimeDistributionOut,
    TimeParams,
)
from journal.views.choice import chosen_by
from ledger.reading import Reading
from ledger.serializers import BinOut

Query = Cached[..., Reading[Any]]


class Overview(Analytic):
    """What a trader asks first: how many trades, how many won, what one brings.

    `average_r` needs the risk of a trade, which is not known here: no stops are recorded. The
    average loss stands for it, so it is expectancy / |average_loss|; without a losing trade it is
    null, and `meta.notes` says so.
    """

    @answers(OverviewOut, ChosenParams, example=examples.OVERVIEW)
    def get(self, request: Request) -> HttpResponse:
        return _told(request, OverviewOut, queries.overview)


class EquityCurve(Analytic):
    """The running sum of PnL in closing order, from 0 before the first of the chosen trades.

    Where a point stands for several trades in a row, `low` and `high` tell what lay between.
    """

    @answers(CurvePointOut, CurveParams, many=True, example=examples.EQUITY_CURVE)
    def get(self, request: Request) -> HttpResponse:
        return _told(request, CurvePointOut, queries.equity_curve, CurveParams)


class DailyPnl(Analytic):
    """PnL by UTC day, of the days with a closed trade, oldest first."""

    @answers(DailyPartOut, ChosenParams, many=True, example=examples.DAILY_PNL)
    def get(self, request: Request) -> HttpResponse:
        return _told(request, DailyPartOut, queries.daily_pnl)


class SymbolBreakdown(Analytic):
    """PnL by product, largest absolute PnL first."""

    @answers(SymbolPartOut, ChosenParams, many=True, example=examples.SYMBOL_BREAKDOWN)
    def get(self, request: Request) -> HttpResponse:
        return _told(request, SymbolPartOut, queries.symbol_breakdown)


class DurationProfit(Analytic):
    """How long trades were held, against what they made: by bins, and single trades."""

    @answers(DurationProfitOut, ChosenParams, example=examples.DURATION_PROFIT)
    def get(self, request: Request) -> HttpResponse:
        return _told(request, DurationProfitOut, queries.duration_profit)


class ReturnDistribution(Analytic):
    """Trades by the size of their PnL: at most 20 neighbouring bins of one width, an edge at 0."""

    @answers(BinOut, ChosenParams, many=True, example=examples.RETURN_DISTRIBUTION)
    def get(self, request: Request) -> HttpResponse:
        return _told(request, BinOut, queries.return_distribution)


class TimeDistribution(Analytic):
    """Trades by hour of the day and by day of the week, UTC.

    They go by their last fill, as in every other reading; with `by=opened` by their first.
    """

    @answers(TimeDistributionOut, TimeParams, example=examples.TIME_DISTRIBUTION)
    def get(self, request: Request) -> HttpResponse:
        return _told(request, TimeDistributionOut, queries.time_distribution, TimeParams)


class FilterOptions(APIView):
    """What there is to filter by: products, tags, sides and days that some closed trade has."""

    @answers(FilterOptionsOut, OptionsParams, example=examples.FILTER_OPTIONS)
    def get(self, request: Request) -> HttpResponse:
        asked = read(OptionsParams, request)
        scope = access.personal_asked(request, asked)
        found = queries.filter_options(
            accounts=scope.accounts, trader_id=scope.trader_id, period=asked["period"]
        )
        return reply(
            FilterOptionsOut,
            found.rows,
            period=asked["period"],
            trader=scope.trader_id,
            data_through=found.data_through,
            notes=found.notes,
        )


def _told(
    request: Request, out: Any, query: Query, params: type[ChosenParams] = ChosenParams
) -> HttpResponse:
    """Answer what `query` finds about the trades that are asked for."""
    asked = read(params, request)
    scope = access.personal_asked(request, asked)
    how = {"by": asked["by"]} if "by" in asked else {}
    found = query.asked(chosen=chosen_by(asked, scope), **how)
    return reply(out, found, request=request, period=asked["period"], trader=scope.trader_id)
