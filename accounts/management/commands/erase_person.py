"""Erase one person for good; the books of the group stay."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import persons
from accounts.management.lookups import ask_who, ask_whom, person_named, refusals
from common import clock


class Command(BaseCommand):
    """`manage.py erase_person`: parse, one call, one sentence."""

    help = (
        "Erase a person for good: log-in, journal with its images, mails, names of trader and "
        "accounts, rows as the provider sent them. Fills and trades stay, under a number. There is "
        "no way back: write an export first where one is wanted. Run again: nothing to erase."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        ask_whom(parser)
        parser.add_argument("--yes", action="store_true", help="do not ask")
        ask_who(parser)

    def handle(self, *_: object, **asked: Any) -> None:
        person = person_named(asked["email"], asked["trader"])
        named = person.email or str(person.trader_id)
        if not asked["yes"]:
            typed = input(f"This cannot be undone. Type {named} to erase: ")
            if typed.strip().lower() != named.lower():
                raise CommandError("Nothing was erased: that is not what was asked for")
        with refusals({}):
            changed = persons.erase(person, by=asked["by"], at=clock.now(), source="console")
        told = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in changed.items())
        self.stdout.write(f"{person.former}: {told or 'nothing was left to erase'}")
