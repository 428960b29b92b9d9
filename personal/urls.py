"""/api/v1/personal/"""

from __future__ import annotations

from common.api import route
from personal import views

urlpatterns = [
    *route("summary", views.Summary),
    *route("traded-products", views.TradedProducts),
    *route("performance-by-pnl", views.PerformanceByPnl),
    *route("win-loss-ratio", views.WinLossRatio),
    *route("performance-by-time", views.PerformanceByTime),
    *route("performance-by-product", views.PerformanceByProduct),
    *route("performance-by-tag", views.PerformanceByTag),
    *route("positions", views.Positions),
    *route("intraday-pnl", views.IntradayPnl),
    *route("intraday-daily-pnl", views.IntradayDailyPnl),
    *route("calendar-events", views.CalendarEvents),
    *route("calendar-events/traded-products", views.CalendarEventsTradedProducts),
    *route("days/<str:date>/fills", views.DayFills),
    *route("trades", views.Trades),
    *route("trades/<uuid:trade_id>", views.Trade),
    *route("trades/<uuid:trade_id>/chart-data", views.ChartData),
]
