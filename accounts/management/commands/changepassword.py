"""In place of Django's changepassword, which would write nothing down."""

from __future__ import annotations

from getpass import getpass
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import actions
from accounts.management.lookups import ask_who
from accounts.models import CustomUser
from common import clock

TRIES = 3


class Command(BaseCommand):
    help = "Give a log-in a new password; every session of it ends."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="e-mail address or username")
        ask_who(parser)

    def handle(self, *_: Any, email: str, by: str, **__: Any) -> str:
        names = CustomUser.objects
        user = names.filter(email__iexact=email).first() or names.filter(username=email).first()
        if user is None:
            raise CommandError(f"There is no log-in {email}: name its e-mail address or username")
        password = self._ask(user)
        actions.set_password(user=user, password=password, by=by, at=clock.now(), source="console")
        return f"{user.email}: new password set, sessions ended"

    def _ask(self, user: CustomUser) -> str:
        for _ in range(TRIES):
            password, again = getpass("New password: "), getpass("The same again: ")
            if password != again:
                self.stderr.write("These are two different passwords")
                continue
            try:
                actions.accept(password, user=user, field="password")
            except actions.WeakPassword as weak:
                self.stderr.write(weak.sentence)
                continue
            return password
        raise CommandError(f"No password after {TRIES} tries: {user.email} keeps the old one")
