"""/api/v1/comparative/"""

from __future__ import annotations

from common.api import route
from comparative import views

urlpatterns = [*route("performance-by-time", views.PerformanceByTime)]
