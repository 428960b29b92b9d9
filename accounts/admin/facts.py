"""What the page of a log-in tells beside its columns."""

from __future__ import annotations

from urllib.parse import urlencode

from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accounts import limits
from accounts.models import CustomUser, Session
from audit.models import LogEntry
from common import clock

LAST = 10
LOG_INS = ("login", "login_failed")


class Facts:
    """Read-only fields of the page of a log-in; one query each."""

    @admin.display(description="last log-ins")
    def last_log_ins(self, user: CustomUser) -> SafeString | str:
        tried = LogEntry.objects.filter(
            scope="authentication",
            action__in=LOG_INS,
            entity_type="custom_user",
            entity_id=user.pk,
        ).order_by("-timestamp", "-id")
        return format_html_join("\n", "{} · {}{}<br>", map(_log_in, tried[:LAST])) or "never"

    @admin.display(description="sessions of the API")
    def open_sessions(self, user: CustomUser) -> str:
        now = clock.now()
        count = Session.objects.filter(user=user, ended_at=None, expires_at__gt=now).count()
        return f"{count} open"

    @admin.display(description="second factor")
    def second_factor(self, user: CustomUser) -> str:
        app = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).first()
        return f"an authenticator app since {app.created_at:%Y-%m-%d %H:%M} UTC" if app else "none"

    @admin.display(description="locked")
    def locked_until(self, user: CustomUser) -> str:
        now = clock.now()
        named = {"login": "log-in", "second_factor": "second factor"}
        until = {
            name: limits.locked(action, account=user.email, at=now)
            for action, name in named.items()
        }
        return "; ".join(f"{n} until {at:%H:%M} UTC" for n, at in until.items() if at) or "no"

    @admin.display(description="in the log")
    def in_the_log(self, user: CustomUser) -> SafeString:
        log = reverse("admin:audit_logentry_changelist")
        done_to = urlencode({"entity_type": "custom_user", "entity_id": user.pk})
        done_by = urlencode({"user": user.email})
        return format_html(
            '<a href="{0}?{1}">what was done to it</a> · <a href="{0}?{2}">what it did</a>',
            log, done_to, done_by,
        )  # fmt: skip


def _log_in(entry: LogEntry) -> tuple[str, str, str]:
    told = entry.changes
    door = told.get("source", {}).get("new") or "?"
    reason = told.get("reason", {}).get("new")
    failed = f" · refused{f': {reason}' if reason else ''}" if entry.action != "login" else ""
    return f"{entry.timestamp:%Y-%m-%d %H:%M:%S} UTC", str(door), failed.replace("_", " ")
