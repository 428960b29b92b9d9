"""The log of logins and of every change to people, their places and the taxonomy."""

from __future__ import annotations

from django.db import models


class LogEntry(models.Model):
    """One deed, written once: the database itself refuses to change or delete it.

    It points at nothing by foreign key, so that no deletion can touch it.
    """

    timestamp = models.DateTimeField(db_index=True)
    scope = models.TextField(help_text="authentication, user_management or journal")
    action = models.TextField()
    entity_type = models.TextField(help_text="custom_user, trader, group, trader_platform, tag")
    entity_id = models.BigIntegerField(null=True)
    user_email = models.TextField(blank=True, help_text="who acted; empty for the system")
    trader_id_snapshot = models.BigIntegerField(null=True)
    changes = models.JSONField(default=dict, help_text='{"field": {"old": ..., "new": ...}}')

    class Meta:
        db_table = "user_management_audit_log"
        verbose_name_plural = "log entries"
        indexes = [
            models.Index(fields=["scope", "action", "-timestamp"], name="audit_scope_action"),
            models.Index(fields=["entity_type", "entity_id", "-timestamp"], name="audit_entity"),
        ]

    def __str__(self) -> str:
        return (
            f"{self.timestamp:%Y-%m-%d %H:%M:%S} {self.action} {self.entity_type} {self.entity_id}"
        )
