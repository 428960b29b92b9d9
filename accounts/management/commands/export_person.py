"""Write all that is kept of one person into a zip."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import persons
from accounts.management.lookups import ask_who, ask_whom, person_named
from common import clock


class Command(BaseCommand):
    """`manage.py export_person`: parse, one call, one sentence."""

    help = (
        "Write all that is kept of a person into a zip: a JSON file for each kind of rows, images "
        "as they are, about.json says what is what. The log tells that it was done."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        ask_whom(parser)
        parser.add_argument(
            "--to", required=True, type=Path, metavar="DIR|FILE.zip", help="a folder or a new file"
        )
        ask_who(parser)

    def handle(self, *_: object, **asked: Any) -> None:
        person, to = person_named(asked["email"], asked["trader"]), asked["to"]
        path = to if to.suffix == ".zip" else to / persons.file_name(person)
        begun = path.with_name(f"{path.name}.part")
        if path.exists():
            raise CommandError(f"{path} is there already: name another file, or remove it")
        try:
            begun.unlink(missing_ok=True)
            path.parent.mkdir(parents=True, exist_ok=True)
            with open(begun, "xb", opener=_own) as file:
                rows = persons.write(person, file, by=asked["by"], at=clock.now(), source="console")
            begun.rename(path)
        except OSError as error:
            raise CommandError(f"{path} cannot be written: {error}") from error
        finally:
            begun.unlink(missing_ok=True)
        self.stdout.write(f"{rows} rows written to {path}")


def _own(path: str, flags: int) -> int:
    """Open a file that nobody else may read."""
    return os.open(path, flags, 0o600)
