"""manage.py export_trades"""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from common import clock
from ledger.copying import write_copy


class Command(BaseCommand):
    help = (
        "Write a copy of the trades for a development database: one file, with the groups, "
        "traders, accounts, products and contracts that they need; no users, fills or bars. Safe "
        "at any time: it reads one snapshot. import_trades brings it in there."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--to", type=Path, metavar="FOLDER",
            default=settings.TRADES_COPY_TO or None,
            help="where the file goes; TRADES_COPY_TO by default",
        )  # fmt: skip
        parser.add_argument(
            "--group", action="append", dest="groups", metavar="NAME",
            help="only this group (may be repeated); all by default",
        )  # fmt: skip
        parser.add_argument(
            "--since", type=date.fromisoformat, metavar="YYYY-MM-DD",
            help="only trades that closed on or after this UTC day; all by default",
        )  # fmt: skip
        parser.add_argument(
            "--masked", action=argparse.BooleanOptionalAction, default=settings.TRADES_COPY_MASKED,
            help="replace names of groups, traders and accounts; TRADES_COPY_MASKED by default",
        )  # fmt: skip

    def handle(self, *_: Any, to: Path | None, **asked: Any) -> None:
        if not to:
            raise CommandError("Say where the copy goes: --to FOLDER, or set TRADES_COPY_TO")
        asked = {name: asked[name] for name in ("groups", "since", "masked")}
        try:
            done = write_copy(
                to, at=clock.now(), tell=lambda rows: self.stdout.write(f"{rows:,} rows"), **asked
            )
        except (ValueError, OSError) as error:
            raise CommandError(str(error)) from error
        counts = ", ".join(f"{count:,} {name}" for name, count in done.rows.items())
        self.stdout.write(f"{done.path}: {counts}{', masked' if asked['masked'] else ''}")
