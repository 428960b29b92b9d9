"""Trades one by one, open and closed."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.serializers import PersonalParams
from common.api import Analytic, answers, read_page, reply, reply_page
from journal.addresses import reader
from personal import examples, queries
from personal.serializers import (
    ChartDataOut,
    PositionOut,
    TradeDetailOut,
    TradeOut,
    TradesParams,
)
from personal.views.reading import about, asked_for, told


class Positions(Analytic):
    """Positions that are open now; they are in no other analytic."""

    @answers(PositionOut, PersonalParams, many=True, example=examples.POSITIONS)
    def get(self, request: Request) -> HttpResponse:
        _, scope = asked_for(request, PersonalParams)
        found = queries.positions.asked(accounts=scope.accounts)
        return reply(PositionOut, found, **told(request, {"period": None}, scope))


class Trades(APIView):
    """Closed trades by pages, the last closed first; of all time where no dates are given."""

    @answers(TradeOut, TradesParams, paged=True, example=examples.TRADES)
    def get(self, request: Request) -> HttpResponse:
        asked, scope = asked_for(request, TradesParams)
        page = read_page(request)
        found = queries.trades(
            accounts=scope.accounts,
            trader_id=scope.trader_id,
            period=asked["period"],
            products=asked["product"],
            tag_ids=asked["tag"],
            untagged=asked["untagged"],
            side=asked.get("side"),
            sort=asked["sort"],
            page=page,
        )
        return reply_page(
            TradeOut,
            found.rows.trades,
            request=request,
            page=page,
            count=found.rows.count,
            period=asked["period"],
            **about(scope, found),
        )


class Trade(APIView):
    """One closed trade with its fills; 404 for a stranger's as for one that does not exist."""

    @answers(TradeDetailOut, PersonalParams, example=examples.TRADE)
    def get(self, request: Request, trade_id: UUID) -> HttpResponse:
        _, scope = asked_for(request, PersonalParams)
        found = queries.trade(accounts=scope.accounts, trade_id=trade_id, reader=reader(request))
        return reply(TradeDetailOut, found.rows, period=None, **about(scope, found))


class ChartData(APIView):
    """A closed trade to be drawn into a chart, and which prices to draw beside it.

    `contract`, `timeframe`, `start_date` and `end_date` are the values for `futures-price-data`. A
    trade that was copied from production has no fills: 404 with the code `copied_trade`.
    """

    @answers(ChartDataOut, PersonalParams, example=examples.CHART_DATA)
    def get(self, request: Request, trade_id: UUID) -> HttpResponse:
        _, scope = asked_for(request, PersonalParams)
        found = queries.chart_data(accounts=scope.accounts, trade_id=trade_id)
        return reply(ChartDataOut, found.rows, period=None, **about(scope, found))
