"""/api/v1/ingestion/"""

from __future__ import annotations

from common.api import route
from ingestion import views

urlpatterns = [
    *route("status", views.Status),
    *route("reconciliation", views.Reconciliation),
    *route("restatements", views.Restatements),
]
