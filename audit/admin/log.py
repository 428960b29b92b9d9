"""The log in the console: read, filter, take along as CSV; never write."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, get_args

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import PAGE_VAR
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from rangefilter.filters import DateRangeFilterBuilder

from audit import export
from audit.actions import Scope
from audit.deeds import KINDS, Kind
from audit.models import LogEntry
from common import clock
from common.admin import ReadOnly

ACTIONS = (
    "login", "login_failed", "session_replayed", "create", "update", "delete", "link", "unlink",
    "role", "opt_out", "activate", "deactivate", "group", "password", "second_factor", "unlock",
    "end_sessions", "archive", "restore", "move", "merge", "retire", "export", "erase",
)  # fmt: skip
FEW = 4
PAGES: dict[str, str] = {
    kind: f"admin:{label.replace('.', '_')}_change" for label, kind in KINDS.items()
}


class OneOf(admin.SimpleListFilter):
    """A column filtered by values that are known beforehand: the log is not read for them."""

    values: tuple[str, ...]

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return [(value, value.replace("_", " ")) for value in self.values]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return (
            queryset.filter(**{str(self.parameter_name): self.value()})
            if self.value()
            else queryset
        )


class ScopeFilter(OneOf):
    title, parameter_name, values = "scope", "scope", get_args(Scope)


class ActionFilter(OneOf):
    title, parameter_name, values = "action", "action", ACTIONS


class EntityFilter(OneOf):
    title, parameter_name, values = "entity type", "entity_type", get_args(Kind)


class UserFilter(admin.SimpleListFilter):
    """Who acted: a part of the e-mail address, typed."""

    title, parameter_name, template = "user", "user", "audit/typed_filter.html"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return [("", "")]  # without any the filter would be left out

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        typed = (self.value() or "").strip()
        return queryset.filter(user_email__icontains=typed) if typed else queryset

    def choices(self, changelist: Any) -> Any:
        """Hand the template what is typed, and the other filters to keep."""
        other = set(changelist.params) - {self.parameter_name, PAGE_VAR}
        kept = [(name, changelist.params[name]) for name in sorted(other)]
        yield {"typed": self.value() or "", "kept": kept}


@admin.register(LogEntry)
class LogEntryAdmin(ReadOnly[LogEntry]):
    list_display = (
        "timestamp", "action", "entity", "by", "source", "trader", "told",
    )  # fmt: skip
    list_per_page = 50
    list_filter = (
        ScopeFilter, ActionFilter, EntityFilter, UserFilter,
        ("timestamp", DateRangeFilterBuilder(title="day")),
    )  # fmt: skip
    search_fields = ("user_email", "=entity_id", "=trader_id_snapshot")
    search_help_text = "E-mail address of who acted, or an id"
    ordering = ("-timestamp", "-id")
    show_full_result_count = False
    change_list_template = "audit/change_list.html"
    fields = (
        "timestamp", "scope", "action", "entity_type", "entity_id", "user_email",
        "trader_id_snapshot", "old_and_new",
    )  # fmt: skip
    readonly_fields = ("old_and_new",)

    @admin.display(description="entity", ordering="entity_id")
    def entity(self, entry: LogEntry) -> SafeString | str:
        """Whom it was done to, with the way there; who is gone since is said there."""
        name, page = entry.entity_type.replace("_", " "), PAGES.get(entry.entity_type)
        if entry.entity_id is None or page is None:
            return name
        href = reverse(page, args=[entry.entity_id])
        return format_html('<a href="{}">{} {}</a>', href, name, entry.entity_id)

    @admin.display(description="by", ordering="user_email")
    def by(self, entry: LogEntry) -> str:
        return entry.user_email or "the system"

    @admin.display(description="source")
    def source(self, entry: LogEntry) -> str | None:
        told: str | None = entry.changes.get("source", {}).get("new")
        return told

    @admin.display(description="trader", ordering="trader_id_snapshot")
    def trader(self, entry: LogEntry) -> int | None:
        return entry.trader_id_snapshot

    @admin.display(description="changes")
    def told(self, entry: LogEntry) -> SafeString:
        """The first few in a line; the page of the entry has all of them."""
        changes = [(name, *_words(it)) for name, it in entry.changes.items() if name != "source"]
        few = format_html_join(", ", "<b>{}</b> {} → {}", changes[:FEW])
        return format_html("{} …", few) if len(changes) > FEW else few

    @admin.display(description="changes")
    def old_and_new(self, entry: LogEntry) -> SafeString:
        lines = ((name, *_words(change)) for name, change in entry.changes.items())
        rows = format_html_join("", "<tr><th>{}</th><td>{}</td><td>{}</td></tr>", lines)
        head = format_html("<tr><th>{}</th><th>{}</th><th>{}</th></tr>", "field", "old", "new")
        return format_html("<table>{}{}</table>", head, rows)

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.export)
        return [path("export/", view, name="audit_logentry_export"), *super().get_urls()]

    def export(self, request: HttpRequest) -> HttpResponseBase:
        """Send the rows that the list is filtered to, however many, as one CSV file."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            found = self.get_changelist_instance(request).get_queryset(request)
        except IncorrectLookupParameters:
            return redirect("admin:audit_logentry_changelist")
        name = f"log-{clock.now():%Y-%m-%d}.csv"
        return StreamingHttpResponse(
            export.rows(found),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )


def _words(change: Any) -> tuple[str, str]:
    """Return old and new of a change as a person reads them."""
    return _word(change.get("old")), _word(change.get("new"))


def _word(value: Any) -> str:
    if value is None or value in ("", []):
        return "–"  # noqa: RUF001 - a dash for nothing
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value)
