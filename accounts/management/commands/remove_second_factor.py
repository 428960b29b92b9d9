"""Take a second factor away, for the operator who has lost telephone and recovery codes."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts import second_factor
from accounts.management.lookups import ask_who, user_of
from common import clock


class Command(BaseCommand):
    """`manage.py remove_second_factor`: parse, one call, one sentence."""

    help = (
        "Remove the authenticator app and the recovery codes of a log-in. Where a second factor is "
        "required, the next log-in sets a new one. Operators do this for each other in the admin."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--email", required=True, help="of the log-in")
        ask_who(parser)

    def handle(self, *_: object, **asked: Any) -> None:
        user = user_of(asked["email"])
        removed = second_factor.remove(user=user, by=asked["by"], at=clock.now())
        told = "without a second factor now" if removed else "had none: nothing to change"
        self.stdout.write(f"{user.email}: {told}")
