"""The group's best trades of a day."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts import access
from common.api import answers, reply
from comparative import examples, queries
from comparative.serializers import SeriesOut, TopIntradayParams, TopMetaOut, TopTradeOut
from comparative.views.reading import asked


class TopIntraday(APIView):
    """The most profitable trades that the group opened and closed on one UTC day, by the minute.

    The viewer's own are among them, and treated alike. Admins get candles in USD, net of fees, the
    best trade first, with trader, side and PnL. Everyone else gets an index: each trade in
    hundredths of its own largest move, in an order that tells nothing; the number of trades is the
    server's (`meta.limit`), whatever `limit` says. Days up to yesterday, UTC; later ones are empty.

    A minute without a bar and without a fill has no candle.
    """

    @answers(
        TopTradeOut, TopIntradayParams, many=True, meta=TopMetaOut, example=examples.TOP_INTRADAY
    )
    def get(self, request: Request) -> HttpResponse:
        this = asked(request, TopIntradayParams, hides_money=True)
        whose: dict[str, Any] = {
            "accounts": this.scope.accounts,
            "period": this.covered,
            "own": this.scope.own,
        }
        limit = settings.TOP_INTRADAY_LIMIT
        if this.scope.veiled:
            viewer = access.viewer(request).pk
            series = queries.top_series(**whose, limit=limit, viewer=viewer)
            meta = this.meta(notes=series.notes, unit="index", limit=limit)
            return reply(SeriesOut, series.rows, **meta)
        limit = this.params.get("limit", limit)
        trades = queries.top_trades(**whose, limit=limit)
        return reply(
            TopTradeOut, trades.rows, **this.meta(notes=trades.notes, unit="USD", limit=limit)
        )
