"""Bring in files of one-minute bars."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from common import clock
from ingestion.actions.files import import_bars
from ingestion.importers.table import FileRefused
from ingestion.management.reporting import describe, in_place


class Command(BaseCommand):
    """`manage.py import_bars`: a second run changes nothing."""

    help = (
        "Bring CSV files of one-minute bars in: rows read, new, changed, rejected with reason and "
        "line. It can be run again without harm. "
        "Columns: contract, ts_open_utc (or start with --timezone), open, high, low, close, "
        "volume; bars are stamped at their start. "
        "Example: manage.py import_bars bars/*.csv.gz"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, nargs="+", help="CSV, or CSV in .gz")
        parser.add_argument("--contract", help='for files without that column, e.g. "ES Mar26"')
        parser.add_argument("--timezone", help="of starts without a zone, e.g. America/Chicago")
        parser.add_argument("--dry-run", action="store_true", help="report, but store nothing")

    def handle(self, *_: object, file: list[Path], dry_run: bool, **options: Any) -> None:
        asked = {key: options[key] for key in ("contract", "timezone")}
        for path in file:
            try:
                done = import_bars(
                    path,
                    at=clock.now(),
                    options=asked,
                    dry_run=dry_run,
                    progress=in_place(self.stderr),
                )
            except FileRefused as reason:
                raise CommandError(f"{path.name}: {reason}") from None
            self.stdout.write(describe(path.name, done, "bars", dry_run=dry_run))
