"""What a deployment must not be left with: `manage.py check --deploy` says so."""

from __future__ import annotations

from email.utils import parseaddr
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Tags, register

DELIVERS_NOTHING = ("console", "dummy", "filebased", "locmem")


@register(Tags.security, deploy=True)
def letters_arrive(app_configs: Any, **_: Any) -> list[CheckMessage]:
    """Whoever registers or has forgotten the password waits for a mail."""
    kind = settings.EMAIL_BACKEND.split(".")[-2]
    found: list[CheckMessage] = []
    if kind in DELIVERS_NOTHING:
        hint = "Set EMAIL_URL, e.g. to smtp+tls://user:password@host:587"
        found.append(
            checks.Warning(f"Mails reach nobody: they go to '{kind}'", hint, id="skyll.W001")
        )
    sender = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    if _is_local(sender.rpartition("@")[2]):
        hint = "Set MAIL_FROM, e.g. to Skyll <no-reply@example.com>"
        found.append(
            checks.Warning(f"Mail servers refuse the sender '{sender}'", hint, id="skyll.W002")
        )
    return found


@register(Tags.security, deploy=True)
def links_lead_somewhere(app_configs: Any, **_: Any) -> list[CheckMessage]:
    """The mails' links carry keys: they lead to the real front end, and by https."""
    scheme, host, *_rest = urlsplit(settings.FRONTEND_URL)
    if scheme == "https" and not _is_local(host):
        return []
    hint = "Set FRONTEND_URL to the https address of the front end"
    return [checks.Warning(f"Links in mails lead to {scheme}://{host}", hint, id="skyll.W003")]


@register(Tags.security, deploy=True)
def hosts_are_named(app_configs: Any, **_: Any) -> list[CheckMessage]:
    """The links between pages of a list take the host from the request."""
    if "*" not in settings.ALLOWED_HOSTS:
        return []
    hint = "Set ALLOWED_HOSTS to the host names of this API"
    return [checks.Warning("Any host name is believed", hint, id="skyll.W004")]


def _is_local(host: str) -> bool:
    """Say whether only this machine knows a host by that name."""
    name = urlsplit(f"//{host}").hostname or ""
    try:
        return not ip_address(name).is_global
    except ValueError:
        return "." not in name or name.endswith((".localhost", ".local"))
