"""One trader's readings: read, allow, ask, reply."""

from personal.views.calendar_events import CalendarEvents, CalendarEventsTradedProducts
from personal.views.candles import IntradayDailyPnl, IntradayPnl
from personal.views.day_fills import DayFills
from personal.views.performance import (
    PerformanceByProduct,
    PerformanceByTag,
    PerformanceByTime,
    TradedProducts,
)
from personal.views.record import PerformanceByPnl, Summary, WinLossRatio
from personal.views.trades import ChartData, Positions, Trade, Trades

__all__ = [
    "CalendarEvents",
    "CalendarEventsTradedProducts",
    "ChartData",
    "DayFills",
    "IntradayDailyPnl",
    "IntradayPnl",
    "PerformanceByPnl",
    "PerformanceByProduct",
    "PerformanceByTag",
    "PerformanceByTime",
    "Positions",
    "Summary",
    "Trade",
    "TradedProducts",
    "Trades",
    "WinLossRatio",
]
