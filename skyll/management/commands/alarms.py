"""What is wrong now, what was, and whether mail and webhook would tell."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit.models import Alarm
from common import clock
from skyll.watch import channels, keeping
from skyll.watch.rules import RUNBOOK
from skyll.watch.words import Message


class Command(BaseCommand):
    help = "List the open alarms with what to do; exit code 1 if there are any"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--history", type=int, metavar="N", help="the last N, also those over")
        parser.add_argument("--test", action="store_true", help="send a trial by mail and webhook")

    def handle(self, *_: Any, history: int | None, test: bool, **__: Any) -> None:
        if test:
            self._try()
            return
        if history is not None:
            for alarm in Alarm.objects.order_by("-began_at", "-pk")[:history]:
                end = f"{alarm.ended_at:%Y-%m-%d %H:%M}" if alarm.ended_at else "open"
                self.stdout.write(f"{alarm.began_at:%Y-%m-%d %H:%M} .. {end}  {alarm}")
            return
        alarms = list(Alarm.objects.filter(ended_at=None).order_by("began_at", "pk"))
        for alarm in alarms:
            self.stdout.write(f"{alarm.began_at:%Y-%m-%d %H:%M} UTC  {alarm}")
            self.stdout.write(f"  {RUNBOOK.get(alarm.kind, '')}")
        if alarms:
            raise SystemExit(1)
        self.stdout.write("No alarm is open")

    def _try(self) -> None:
        """Send a trial at once; what fails is said here and not tried again."""
        named = keeping.channels()
        if not named:
            raise CommandError("Set ALARM_MAILS or ALARM_WEBHOOK first: nobody is told of alarms")
        failed = []
        for channel in named:
            try:
                channels.send(channel, Message.trial(clock.now()))
            except channels.Untold as reason:
                failed.append(f"{channel}: {reason}")
            else:
                self.stdout.write(f"{channel}: sent")
        if failed:
            raise CommandError("; ".join(failed))
