"""Alarms in the console: what is wrong, what was, and who was told; never to write."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from audit.models import Alarm, Notice
from common.admin import Inline, ReadOnly


class OpenFilter(admin.SimpleListFilter):
    """Open ones, or those that are over."""

    title, parameter_name = "state", "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return [("open", "open"), ("over", "over")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Alarm]) -> QuerySet[Alarm]:
        if self.value() is None:
            return queryset
        return queryset.filter(ended_at__isnull=self.value() == "open")


class NoticeInline(Inline[Notice, Alarm]):
    """Whom it was told."""

    model = Notice
    fields = ("event", "channel", "written_at", "tries", "outcome", "done_at", "due_at")
    readonly_fields = fields
    ordering = ("written_at", "pk")
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Alarm | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Alarm | None = None) -> bool:
        return False


@admin.register(Alarm)
class AlarmAdmin(ReadOnly[Alarm]):
    list_display = ("began_at", "kind", "subject", "sentence", "ended_at")
    list_filter = (OpenFilter, "kind")
    search_fields = ("subject", "sentence")
    ordering = ("-began_at", "-pk")
    list_per_page = 50
    fields = ("kind", "subject", "sentence", "began_at", "last_seen_at", "ended_at")
    inlines = (NoticeInline,)
