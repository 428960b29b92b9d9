"""The two ways out: a mail to ALARM_MAILS, a POST to ALARM_WEBHOOK. Each is tried once here.

What failed is told in a word: a server's own words may quote the mail, and the webhook's address
may be a secret.
"""

from __future__ import annotations

import asyncio
from smtplib import SMTPException

import httpx  # noqa: TID251  the house's second way out, to an address of the operator's
from django.conf import settings
from django.core.mail import EmailMessage

from audit.models import Notice
from skyll.watch.words import Message

WHOLE_SECONDS = 10.0  # of a POST, however slowly the other side answers


class Untold(Exception):
    """The message did not get through; says why in a word."""


def send(channel: str, message: Message) -> None:
    """Send a message; Untold where it was not taken."""
    (_mail if channel == Notice.Channel.MAIL else _post)(message)


def _mail(message: Message) -> None:
    mail = EmailMessage(
        message.title,
        f"{message.text}\n",
        to=settings.ALARM_MAILS,
        headers={"Auto-Submitted": "auto-generated"},
    )
    try:
        mail.send()
    except (OSError, SMTPException, ValueError) as error:
        code = getattr(error, "smtp_code", None) or getattr(error, "errno", None)
        raise Untold(f"{type(error).__name__} {code or ''}".strip()) from None


def _post(message: Message) -> None:
    try:
        status = asyncio.run(_answer(message))
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
        raise Untold(type(error).__name__) from None
    if not 200 <= status < 300:
        raise Untold(f"HTTP {status}")


async def _answer(message: Message) -> int:
    """Return the status; the body is not read, and a redirect leads nowhere.

    Nothing of the environment counts: a proxy or a .netrc could take the token elsewhere.
    """
    headers = {"Idempotency-Key": message.key}
    if settings.ALARM_WEBHOOK_TOKEN:
        headers["Authorization"] = f"Bearer {settings.ALARM_WEBHOOK_TOKEN}"
    async with asyncio.timeout(WHOLE_SECONDS):
        async with httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=5) as client:
            asked = client.stream(
                "POST", settings.ALARM_WEBHOOK, json=message.body, headers=headers
            )
            async with asked as answer:
                return answer.status_code
