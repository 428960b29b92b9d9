"""/api/v1/comparative/, and the coach's table"""

from __future__ import annotations

from django.urls import include, path

from common.api import route
from comparative import views

group = [
    *route("performance-by-time", views.PerformanceByTime),
    *route("performance-by-product", views.PerformanceByProduct),
    *route("performance-by-tag", views.PerformanceByTag),
    *route("top-intraday", views.TopIntraday),
    *route("win-loss-ratio", views.WinLossRatio),
    *route("standing", views.Standing),
    *route("calendar-events", views.CalendarEvents),
    *route("calendar-events/traded-products", views.CalendarEventsTradedProducts),
]
urlpatterns = [
    path("comparative/", include(group)),
    *route("traders/overview", views.TradersOverview),
]
