"""The log in the Django admin: read, filter, never write."""

from __future__ import annotations

from django.contrib import admin

from audit.models import LogEntry
from common.admin import ReadOnly


@admin.register(LogEntry)
class LogEntryAdmin(ReadOnly[LogEntry]):
    list_display = (
        "timestamp", "scope", "action", "entity_type", "entity_id", "user_email",
        "trader_id_snapshot",
    )  # fmt: skip
    list_filter = ("scope", "action", "entity_type", "timestamp")
    search_fields = ("user_email", "=entity_id")
    date_hierarchy = "timestamp"
    ordering = ("-timestamp", "-id")
