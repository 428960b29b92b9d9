"""/api/v1/, market facts"""

from __future__ import annotations

from common.api import route
from futures import views

urlpatterns = [
    *route("products", views.Products),
    *route("calendar-events", views.CalendarEvents),
    *route("futures-price-data", views.FuturesPriceData),
]
