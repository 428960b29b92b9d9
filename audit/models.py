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
    """

    kind = models.TextField()
    subject = models.TextField(blank=True)
    sentence = models.TextField()
    began_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject"], name="alarm_once", condition=models.Q(ended_at=None)
            )
        ]
        indexes = [models.Index(fields=["-began_at"], name="alarm_history")]

    def __str__(self) -> str:
        return f"{self.kind}: {self.sentence}"


class Notice(models.Model):
    """That an alarm began or ended, owed to one channel; written with it, told by a worker."""

    class Event(models.TextChoices):
        BEGAN = "began", "began"
        ENDED = "ended", "ended"

    class Channel(models.TextChoices):
        MAIL = "mail", "mail"
        WEBHOOK = "webhook", "webhook"

    alarm = models.ForeignKey(Alarm, models.CASCADE, related_name="notices")
    event = models.TextField(choices=Event.choices)
    channel = models.TextField(choices=Channel.choices)
    written_at = models.DateTimeField()
    due_at = models.DateTimeField(help_text="the next try")
    tries = models.PositiveIntegerField(default=0)
    done_at = models.DateTimeField(null=True)
    outcome = models.TextField(blank=True, help_text="told, given up, or the last failure")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["alarm", "event", "channel"], name="notice_once")
        ]
        indexes = [
            models.Index(
                fields=["due_at"], condition=models.Q(done_at=None), name="notices_waiting"
            )
        ]

    def __str__(self) -> str:
        return f"{self.event} by {self.channel}"
