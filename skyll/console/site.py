"""The site: who gets in, what stands where on its index, what a search box suggests."""

from __future__ import annotations

from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.core.exceptions import BadRequest
from django.db import transaction
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.text import slugify

from accounts import actions, limits
from accounts.actions.console import note_password
from accounts.models import CustomUser
from accounts.second_factor import Standing, standing
from common import clock
from skyll.console.pages import Logout, way_in

RECONCILIATION = "ledger.Reconciliation"  # a page of its own, of no model
# What belongs together in an operator's day, from most to least used.
SECTIONS: dict[str, tuple[str, ...]] = {
    "People": (
        "accounts.CustomUser", "traders.Group", "traders.Trader", "traders.PlatformAccount",
        "journal.Tag", "journal.WelcomePrompt",
        "audit.LogEntry",
    ),
    "Provider": (
        RECONCILIATION, "ingestion.Connection", "ingestion.Feed", "ingestion.QuarantinedRow",
        "ingestion.Instrument", "ingestion.MissingRate", "ingestion.BarDay", "ingestion.ImportRun",
    ),
    "Money and markets": (
        "ledger.FeeSchedule", "futures.FxRate", "futures.Product", "futures.Contract",
        "futures.Roll", "futures.CalendarEvent",
    ),
}  # fmt: skip
REST = "System"
NAMES = {
    "audit.LogEntry": "Audit log",
    "auth.Group": "Permission groups",  # beside groups of traders
    "futures.FxRate": "Daily rates",
    "ingestion.BarDay": "Days of bars",
}


class Suggestions(AutocompleteJsonView):
    """What a search box offers: more than a name where the model's admin has more to tell."""

    def serialize_result(self, obj: Model, to_field_name: str) -> dict[str, str]:
        told = getattr(self.model_admin, "suggestion", str)
        return {"id": str(getattr(obj, to_field_name)), "text": told(obj)}


class Console(AdminSite):
    site_header = site_title = "Skyll"
    index_title = "Console"

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Refuse what PostgreSQL cannot search for before a filter or a search box asks it to."""
        inner = super().admin_view(view, cacheable)

        @wraps(inner)
        def ask(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if "%00" in request.META.get("QUERY_STRING", ""):
                raise BadRequest("A zero byte is in the address")
            answer: HttpResponse = inner(request, *args, **kwargs)
            return answer

        return ask

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Let the header lead to the front end."""
        around = super().each_context(request)
        return {**around, "site_url": settings.FRONTEND_URL}

    def has_permission(self, request: HttpRequest) -> bool:
        """Let staff in whose session has shown the second factor."""
        known: bool | None = getattr(request, "may_enter", None)
        if known is None:
            known = super().has_permission(request) and standing(request) is Standing.NOTHING
            request.may_enter = known  # type: ignore[attr-defined]  # asked twice for each page
        return known

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Send on whoever may not enter to the page that helps; there is no form here."""
        index = reverse("admin:index")
        then = request.GET.get("next", index)
        return way_in(request, allowed={Standing.NOTHING}, then=then) or redirect(index)

    def logout(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return Logout.as_view()(request)

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Write a new password of one's own down; the session at hand goes on, no other."""
        user, at = request.user, clock.now()
        assert isinstance(user, CustomUser)
        if request.method == "POST":
            try:
                limits.spend("password", account=user.email, at=at)  # together with the API's
            except limits.TooManyTries as refusal:
                messages.error(request, refusal.sentence)
                return redirect("admin:password_change")
        with transaction.atomic():
            before = actions.known(user)
            answer = super().password_change(request, extra_context)
            note_password(user=user, before=before, by=user.email, at=at)
        return answer

    def autocomplete_view(self, request: HttpRequest) -> Any:
        return Suggestions.as_view(admin_site=self)(request)

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """Return the index in sections of ours; one app's own page stays as it is."""
        apps = super().get_app_list(request, app_label)
        if app_label is not None:
            return apps
        models = {one["model"]._meta.label: one for app in apps for one in app["models"]}
        for label, name in NAMES.items():
            if label in models:
                models[label]["name"] = name
        if request.user.has_perm("traders.view_trader"):
            models[RECONCILIATION] = {
                "name": "Reconciliation",
                "object_name": "Reconciliation",
                "perms": {"view": True},
                "admin_url": reverse("admin:traders_group_reconciliations"),
                "add_url": None,
                "view_only": True,
            }
        named = {
            title: [models.pop(label) for label in labels if label in models]
            for title, labels in SECTIONS.items()
        }
        return [
            {
                "name": title,
                "app_label": slugify(title),
                "app_url": reverse("admin:index"),
                "has_module_perms": True,
                "models": rows,
            }
            for title, rows in (*named.items(), (REST, list(models.values())))
            if rows
        ]
