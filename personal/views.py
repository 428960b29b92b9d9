"""One trader's readings: read, allow, ask, reply."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import access
from accounts.serializers import PersonalParams
from common import clock
from common.api import Period, answers, read, read_page, reply, reply_page
from futures.queries import calendar_version
from journal.addresses import reader
from journal.queries.tagged import journal_version
from journal.queries.tags import tags_of, totals
from ledger.candles import version_of
from personal import examples, queries
from personal.queries.reading import Reading
from personal.serializers import (
    AroundEventsParams,
    CategoryResultOut,
    ChartDataOut,
    DayPnlOut,
    EventPnlOut,
    IntradayDailyPnlOut,
    IntradayPnlOut,
    OneProductParams,
    OwnDayParams,
    OwnOpenPeriodParams,
    OwnPeriodParams,
    PerformanceByPnlOut,
    PositionOut,
    ProductResultOut,
    SomeProductsParams,
    SummaryOut,
    TagTreeMetaOut,
    TradeDetailOut,
    TradedProductOut,
    TradeOut,
    TradesParams,
    WinLossOut,
)


class Summary(APIView):
    """Every metric of the trades closed in a period."""

    @answers(SummaryOut, SomeProductsParams, example=examples.SUMMARY)
    def get(self, request: Request) -> Response:
        asked, scope = _asked(request, SomeProductsParams)
        found = queries.summary(
            accounts=scope.accounts, period=asked["period"], products=asked["product"]
        )
        return reply(SummaryOut, found.rows, period=asked["period"], **_about(scope, found))


class TradedProducts(APIView):
    """Products with a closed trade, by symbol; of all time where no dates are given."""

    @answers(TradedProductOut, OwnOpenPeriodParams, many=True, example=examples.TRADED_PRODUCTS)
    def get(self, request: Request) -> Response:
        asked, scope = _asked(request, OwnOpenPeriodParams)
        found = queries.traded_products(accounts=scope.accounts, period=asked["period"])
        return reply(TradedProductOut, found.rows, period=asked["period"], **_about(scope, found))


class PerformanceByPnl(APIView):
    """PnL by day, cumulative too, and the trades by size of their PnL."""

    @answers(PerformanceByPnlOut, OneProductParams, example=examples.PERFORMANCE_BY_PNL)
    def get(self, request: Request) -> Response:
        asked, scope = _asked(request, OneProductParams)
        found = queries.performance_by_pnl(
            accounts=scope.accounts, period=asked["period"], products=asked["product"]
        )
        return reply(
            PerformanceByPnlOut, found.rows, period=asked["period"], **_about(scope, found)
        )


class WinLossRatio(APIView):
    """Winning against losing trades: counts, rates, averages."""

    @answers(WinLossOut, OneProductParams, example=examples.WIN_LOSS_RATIO)
    def get(self, request: Request) -> Response:
        asked, scope = _asked(request, OneProductParams)
        found = queries.win_loss_ratio(
            accounts=scope.accounts, period=asked["period"], products=asked["product"]
        )
        return reply(WinLossOut, found.rows, period=asked["period"], **_about(scope, found))


class PerformanceByTime(APIView):
    """PnL by day, and each day's by product."""

    @answers(DayPnlOut, SomeProductsParams, many=True, example=examples.PERFORMANCE_BY_TIME)
    def get(self, request: Request) -> Response:
        asked, scope = _asked(request, SomeProductsParams)
        found = queries.performance_by_time(
            accounts=scope.accounts, period=asked["period"], products=asked["product"]
        )
        return reply(DayPnlOut, found.rows, period=asked["period"], **_about(scope, found))


class PerformanceByProduct(APIView):
    """PnL by product, largest absolute PnL first; all products."""

    @answers(ProductResultOut, OwnPeriodParams, many=True, example=examples.PERFORMANCE_BY_PRODUCT)
    def get(self, request: Request) -> Response:
        asked, scope = _asked(request, OwnPeriodParams)
        found = queries.performance_by_product(accounts=scope.accounts, period=asked["period"])
        return reply(ProductResultOut, found.rows, period=asked["period"], **_about(scope, found))


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
        asked, scope = _asked(request, OwnPeriodParams)
        tags, version = tags_of(scope.trader_id), journal_version(scope.accounts)
        found = queries.performance_by_tag(
            accounts=scope.accounts, period=asked["period"], tags=tags, version=version
        )
        about = {**_about(scope, found), **totals(tags)}
        return reply(CategoryResultOut, found.rows, period=asked["period"], **about)


class Positions(APIView):
    """Positions that are open now; they are in no other analytic."""

    @answers(PositionOut, PersonalParams, many=True, example=examples.POSITIONS)
    def get(self, request: Request) -> Response:
        _, scope = _asked(request, PersonalParams)
        found = queries.positions(accounts=scope.accounts)
        return reply(PositionOut, found.rows, period=None, **_about(scope, found))


class IntradayPnl(APIView):
    """One UTC day minute by minute: each trade, and all products together.

    A trade starts where its product stands then, so that the trades of a product make one line;
    one that was held when the day began starts at 0. There is no candle while nothing is held, nor
    in a minute without bar and fill. Fees count from the fill on that pays them.
    """

    @answers(IntradayPnlOut, OwnDayParams, example=examples.INTRADAY_PNL)
    def get(self, request: Request) -> Response:
        asked, scope = _asked(request, OwnDayParams)
        day = asked["date"]
        found = queries.intraday_pnl(
            accounts=scope.accounts,
            day=day,
            today=clock.today(),
            version=version_of(scope.accounts),
        )
        return reply(IntradayPnlOut, found.rows, period=Period(day, day), **_about(scope, found))


class IntradayDailyPnl(APIView):
    """A candle of PnL per UTC day: of each product, and of all together.

    Each day opens at 0; what is held overnight is marked at the day's last bar, and the next day
    starts from there. `close_pnl_from_fills` is what the day's own fills realised: use it where a
    product has no bars. Such a day has 0 for its candle and for `total_trades`, and is not part of
    those of all products together.
    """

    @answers(IntradayDailyPnlOut, OwnPeriodParams, example=examples.INTRADAY_DAILY_PNL)
    def get(self, request: Request) -> Response:
        asked, scope = _asked(request, OwnPeriodParams)
        found = queries.intraday_daily_pnl(
            accounts=scope.accounts,
            period=asked["period"],
            version=version_of(scope.accounts),
        )
        return reply(
            IntradayDailyPnlOut, found.rows, period=asked["period"], **_about(scope, found)
        )


class Trades(APIView):
    """Closed trades by pages, the last closed first; of all time where no dates are given."""

    @answers(TradeOut, TradesParams, paged=True, example=examples.TRADES)
    def get(self, request: Request) -> Response:
        asked, scope = _asked(request, TradesParams)
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
            **_about(scope, found),
        )


class Trade(APIView):
    """One closed trade with its fills; 404 for a stranger's as for one that does not exist."""

    @answers(TradeDetailOut, PersonalParams, example=examples.TRADE)
    def get(self, request: Request, trade_id: UUID) -> Response:
        _, scope = _asked(request, PersonalParams)
        found = queries.trade(
            accounts=scope.accounts, trade_id=trade_id, reader=reader(request)
        )
        return reply(TradeDetailOut, found.rows, period=None, **_about(scope, found))


class ChartData(APIView):
    """A closed trade to be drawn into a chart, and which prices to draw beside it.

    `contract`, `timeframe`, `start_date` and `end_date` are the values for `futures-price-data`. A
    trade that was copied from production has no fills: 404 with the code `copied_trade`.
    """

    @answers(ChartDataOut, PersonalParams, example=examples.CHART_DATA)
    def get(self, request: Request, trade_id: UUID) -> Response:
        _, scope = _asked(request, PersonalParams)
        found = queries.chart_data(accounts=scope.accounts, trade_id=trade_id)
        return reply(ChartDataOut, found.rows, period=None, **_about(scope, found))


class CalendarEvents(APIView):
    """PnL around the events of the calendar, by time; events without a trade with zeros.

    An event has the trades closed on its UTC day. With `before` or `after`, minutes, it has those
    closed from so long before it until so long after it, both ends included, on whichever day.
    Two events on one day, and windows that overlap, show the same trades twice: do not add up.
    """

    @answers(EventPnlOut, AroundEventsParams, many=True, example=examples.CALENDAR_EVENTS)
    def get(self, request: Request) -> Response:
        asked, scope = _asked(request, AroundEventsParams)
        found = queries.calendar_events(**_around(asked, scope))
        return reply(EventPnlOut, found.rows, period=asked["period"], **_about(scope, found))


class CalendarEventsTradedProducts(APIView):
    """Products of the trades that `calendar-events` shows for the same parameters, by symbol."""

    @answers(TradedProductOut, AroundEventsParams, many=True, example=examples.TRADED_PRODUCTS)
    def get(self, request: Request) -> Response:
        asked, scope = _asked(request, AroundEventsParams)
        found = queries.calendar_events_traded_products(**_around(asked, scope))
        return reply(TradedProductOut, found.rows, period=asked["period"], **_about(scope, found))


def _around(asked: dict[str, Any], scope: access.PersonalScope) -> dict[str, Any]:
    """Return which trades around which events are asked for."""
    return {
        "accounts": scope.accounts,
        "period": asked["period"],
        "kinds": asked["kinds"],
        "window": asked["window"],
        "products": asked["product"],
        "version": calendar_version(),
    }


def _asked(request: Request, params: Any) -> tuple[dict[str, Any], access.PersonalScope]:
    """Read the parameters, and allow the accounts that they ask for."""
    asked = read(params, request)
    scope = access.personal_in_view(
        access.viewer(request), trader=asked["trader"], sim=asked["sim"]
    )
    return asked, scope


def _about(scope: access.PersonalScope, found: Reading[Any]) -> dict[str, Any]:
    """Return what `meta` says of every personal reading."""
    return {
        "trader": scope.trader_id,
        "data_through": found.data_through,
        "notes": found.notes,
    }
