"""Read the mails that were really sent, as their receiver does."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from urllib.parse import parse_qsl, urlsplit

from django.core import mail

from accounts.tasks import send_letters


@dataclass(frozen=True)
class Mail:
    """A mail as it arrived."""

    message: EmailMessage

    @classmethod
    def parsed(cls, raw: bytes) -> Mail:
        return cls(message_from_bytes(raw, policy=policy.default))

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    @property
    def to(self) -> str:
        return str(self.message["To"])

    @property
    def text(self) -> str:
        return self._part("plain")

    @property
    def page(self) -> str:
        return self._part("html")

    @property
    def link(self) -> str:
        """Return the only address in it."""
        (found,) = set(re.findall(r"https?://\S+", self.text))
        return found

    @property
    def query(self) -> dict[str, str]:
        """Return what the front end reads out of the link."""
        return dict(parse_qsl(urlsplit(self.link).query, strict_parsing=True))

    def _part(self, kind: str) -> str:
        part = self.message.get_body((kind,))
        assert part is not None
        return part.get_content()


def arriving() -> list[Mail]:
    """Let the worker do its turn; return what arrived since the last time."""
    send_letters()
    sent = [Mail.parsed(one.message().as_bytes()) for one in mail.outbox]
    mail.outbox.clear()
    return sent


def only() -> Mail:
    """Let the worker do its turn; return the one mail that arrived."""
    (one,) = arriving()
    return one
