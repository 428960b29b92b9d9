"""What is told of an alarm: the same by mail and webhook. Neither money nor a trader is in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from audit.models import Alarm
from skyll.watch.rules import RUNBOOK

TRIAL = "trial"
PAGE = "docs/operations/alarms.md"


@dataclass(frozen=True, slots=True)
class Message:
    """event: began, ended or trial. key: the same when it is sent again."""

    key: str
    event: str
    kind: str
    subject: str
    sentence: str
    began_at: datetime
    ended_at: datetime | None
    do: str

    @classmethod
    def of(cls, alarm: Alarm, event: str, *, key: str = "") -> Message:
        return cls(
            key=key or f"alarm-{alarm.pk}-{event}",
            event=event,
            kind=alarm.kind,
            subject=alarm.subject,
            sentence=alarm.sentence,
            began_at=alarm.began_at,
            ended_at=alarm.ended_at if event == "ended" else None,
            do=RUNBOOK.get(alarm.kind, ""),
        )

    @classmethod
    def trial(cls, at: datetime) -> Message:
        key = f"trial-{at:%Y%m%dT%H%M%S}"
        return cls(key, TRIAL, TRIAL, "", "This is a trial: nothing is wrong", at, None, "Nothing.")

    @property
    def title(self) -> str:
        """One line, whatever names are in it."""
        word = {"began": "ALARM", "ended": "over"}.get(self.event, self.event)
        about = f" ({self.subject})" if self.subject else ""
        return " ".join(f"Skyll {word}: {self.kind}{about}".split())[:200]

    @property
    def text(self) -> str:
        lines = [self.sentence, f"Began {self.began_at:%Y-%m-%d %H:%M:%S} UTC"]
        if self.ended_at:
            lines.append(f"Over since {self.ended_at:%Y-%m-%d %H:%M:%S} UTC")
        else:
            lines += ["", f"What to do: {self.do}"]
        return "\n".join([*lines, "", f"{PAGE}, {self.kind}"])

    @property
    def body(self) -> dict[str, str | None]:
        """What a webhook gets; `text` is what the hooks of chats show."""
        return {
            "text": f"{self.title}: {self.sentence}",
            "id": self.key,
            "event": self.event,
            "kind": self.kind,
            "subject": self.subject,
            "sentence": self.sentence,
            "began_at": self.began_at.isoformat(),
            "ended_at": self.ended_at.isoformat() if self.ended_at else None,
            "do": self.do,
            "runbook": f"{PAGE}#alarms",
        }
