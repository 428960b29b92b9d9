"""/api/v1/, what greets"""

from __future__ import annotations

from common.api import route
from journal import views

urlpatterns = [
    *route("welcome-prompt", views.WelcomePrompt),
]
