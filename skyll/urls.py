"""Every address of the system."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import include, path, re_path
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import RedirectView
from drf_spectacular.views import (
    SpectacularJSONAPIView,
    SpectacularRedocView,
    SpectacularSwaggerSplitView,
    SpectacularYAMLAPIView,
)

from common.api import errors
from skyll import health
from skyll.metrics.page import metrics
from skyll.schema import Schema

# OPTIONS would ask them for a page that they do not have.
PAGE: dict[str, Any] = {"metadata_class": None}
JSON = {"renderer_classes": SpectacularJSONAPIView.renderer_classes}
YAML = {"renderer_classes": SpectacularYAMLAPIView.renderer_classes}


def front_page(request: HttpRequest) -> HttpResponse:
    return redirect("/swagger" if settings.SCHEMA_PUBLIC else "/admin/")


urlpatterns = [
    path("", front_page),
    path("api/v1/", include("accounts.urls")),
    path("api/v1/", include("futures.urls")),
    path("api/v1/", include("journal.urls")),
    path("api/v1/personal/", include("personal.urls")),
    path("api/v1/", include("comparative.urls")),
    path("api/v1/ingestion/", include("ingestion.urls")),
    re_path(r"^api/", csrf_exempt(errors.not_found)),
    re_path(r"^schema/?$", Schema.as_view(), name="schema"),
    path("schema.json", Schema.as_view(**JSON)),
    path("schema.yaml", Schema.as_view(**YAML)),
    re_path(r"^swagger/?$", SpectacularSwaggerSplitView.as_view(**PAGE)),
    re_path(r"^redoc/?$", SpectacularRedocView.as_view(**PAGE, template_name="skyll/redoc.html")),
    re_path(r"^health/?$", health.alive),
    re_path(r"^health/ready/?$", health.ready),
    re_path(r"^metrics/?$", metrics),
    path("admin", RedirectView.as_view(url="/admin/")),
    path("admin/account/", include("skyll.console.urls")),
    path("admin/", admin.site.urls),
]

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.server_error
