"""The shapes of personal readings, and what may be asked."""

from personal.serializers.calendar_events import AroundEventsParams, EventPnlOut
from personal.serializers.day_fills import DayFillsOut, DayFillsParams
from personal.serializers.intraday import IntradayDailyPnlOut, IntradayPnlOut
from personal.serializers.params import (
    OneProductParams,
    OwnDayParams,
    OwnOpenPeriodParams,
    OwnPeriodParams,
    SomeProductsParams,
    TradesParams,
)
from personal.serializers.performance import DayPnlOut, ProductResultOut, TradedProductOut
from personal.serializers.record import PerformanceByPnlOut, SummaryOut, WinLossOut
from personal.serializers.tags import CategoryResultOut, TagTreeMetaOut
from personal.serializers.trades import ChartDataOut, PositionOut, TradeDetailOut, TradeOut

__all__ = [
    "AroundEventsParams",
    "CategoryResultOut",
    "ChartDataOut",
    "DayFillsOut",
    "DayFillsParams",
    "DayPnlOut",
    "EventPnlOut",
    "IntradayDailyPnlOut",
    "IntradayPnlOut",
    "OneProductParams",
    "OwnDayParams",
    "OwnOpenPeriodParams",
    "OwnPeriodParams",
    "PerformanceByPnlOut",
    "PositionOut",
    "ProductResultOut",
    "SomeProductsParams",
    "SummaryOut",
    "TagTreeMetaOut",
    "TradeDetailOut",
    "TradeOut",
    "TradedProductOut",
    "TradesParams",
    "WinLossOut",
]
