"""A day and the fills behind it."""

from __future__ import annotations

from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.views import APIView

from common.api import Period, answers, reply
from personal import queries
from personal.day_example import DAY_FILLS
from personal.serializers import DayFillsOut, DayFillsParams
from personal.views.reading import about, asked_for, day_of_address


class DayFills(APIView):
    """Every figure of a UTC day followed to the fills behind it.

    `products` are the day's figures as `performance-by-time` and `intraday-daily-pnl` tell them.
    Each trade that closed on the day, and each position held over its end, has all its fills since
    it was flat, those of earlier days too; lots are matched first in, first out. Rows that count
    in no position stand apart with their reason. Money is exact to the millionth: it adds up.
    A day of more than 10,000 fills is refused: name one product.
    """

    @answers(DayFillsOut, DayFillsParams, example=DAY_FILLS)
    def get(self, request: Request, date: str) -> HttpResponse:
        day = day_of_address(date)
        asked, scope = asked_for(request, DayFillsParams)
        found = queries.day_fills(accounts=scope.accounts, day=day, products=asked["product"])
        return reply(DayFillsOut, found.rows, period=Period(day, day), **about(scope, found))
