"""Minute by minute, and day by day."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpResponse
from rest_framework.request import Request

from common import clock
from common.api import Analytic, Period, answers, reply
from common.cache import asking
from ledger.candles import version_of
from personal import examples, queries
from personal.serializers import (
    IntradayDailyPnlOut,
    IntradayPnlOut,
    OwnDayParams,
    OwnPeriodParams,
)
from personal.views.reading import asked_for, told


class IntradayPnl(Analytic):
    """One UTC day minute by minute: each trade, and all products together.

    A trade starts where its product stands then, so that the trades of a product make one line;
    one that was held when the day began starts at 0. There is no candle while nothing is held, nor
    in a minute without bar and fill. Fees count from the fill on that pays them.
    """

    @answers(IntradayPnlOut, OwnDayParams, example=examples.INTRADAY_PNL)
    def get(self, request: Request) -> HttpResponse:
        asked, scope = asked_for(request, OwnDayParams)
        day, today = asked["date"], clock.today()
        found = asking(
            queries.intraday_pnl,
            ttl="personal.intraday-pnl.today" if day >= today else "personal.intraday-pnl",
            accounts=scope.accounts,
            day=day,
            is_to_come=day > today + timedelta(days=1),  # a slow clock takes today for tomorrow
            version=version_of(scope.accounts),
        )
        return reply(IntradayPnlOut, found, **told(request, {"period": Period(day, day)}, scope))


class IntradayDailyPnl(Analytic):
    """A candle of PnL per UTC day: of each product, and of all together.

    Each day opens at 0; what is held overnight is marked at the day's last bar, and the next day
    starts from there. `close_pnl_from_fills` is what the day's own fills realised: use it where a
    product has no bars. Such a day has 0 for its candle and for `total_trades`, and is not part of
    those of all products together.
    """

    @answers(IntradayDailyPnlOut, OwnPeriodParams, example=examples.INTRADAY_DAILY_PNL)
    def get(self, request: Request) -> HttpResponse:
        asked, scope = asked_for(request, OwnPeriodParams)
        found = queries.intraday_daily_pnl.asked(
            accounts=scope.accounts,
            period=asked["period"],
            version=version_of(scope.accounts),
        )
        return reply(IntradayDailyPnlOut, found, **told(request, asked, scope))
