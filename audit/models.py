"""The log of logins and of every change to people and their places; the alarms of operation."""

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


class Alarm(models.Model):
    """Something that an operator must look at: open until it is over, kept afterwards.

    kind     which rule, and so which line of the runbook
    subject  what it is about, e.g. a connection's name; one alarm of a kind and subject is open
    told_at  when mail and webhook were told that it began; null = still to be told
    """

    kind = models.TextField()
    subject = models.TextField(blank=True)
    sentence = models.TextField()
    began_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)
    end_told_at = models.DateTimeField(null=True)
    tries = models.PositiveIntegerField(default=0, help_text="of telling, since the last success")
    next_try_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject"], name="alarm_once", condition=models.Q(ended_at=None)
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.sentence}"
