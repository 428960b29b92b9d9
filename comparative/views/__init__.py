"""The group's readings: read, allow, ask, reply."""

from comparative.views.calendar_events import CalendarEvents, CalendarEventsTradedProducts
from comparative.views.performance import PerformanceByProduct, PerformanceByTime
from comparative.views.record import Standing, TradersOverview, WinLossRatio
from comparative.views.tags import PerformanceByTag
from comparative.views.top_intraday import TopIntraday

__all__ = [
    "CalendarEvents",
    "CalendarEventsTradedProducts",
    "PerformanceByProduct",
    "PerformanceByTag",
    "PerformanceByTime",
    "Standing",
    "TopIntraday",
    "TradersOverview",
    "WinLossRatio",
]
