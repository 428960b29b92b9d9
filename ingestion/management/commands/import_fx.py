"""Bring in a file of daily currency rates."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from common import clock
from ingestion.actions.files import import_fx
from ingestion.importers.table import FileRefused
from ingestion.management.reporting import describe


class Command(BaseCommand):
    """`manage.py import_fx`: a second run changes nothing."""

    help = (
        "Bring CSV files of daily rates in (columns date, currency, usd_per_unit) and price the "
        "trades that waited for them. It can be run again without harm. "
        "Example: manage.py import_fx rates.csv --carry-weekends"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, nargs="+", help="CSV, or CSV in .gz")
        parser.add_argument(
            "--carry-weekends", action="store_true",
            help="a Saturday or Sunday without a rate takes Friday's: futures trade on Sundays",
        )  # fmt: skip
        parser.add_argument("--dry-run", action="store_true", help="report, but store nothing")

    def handle(self, *_: object, file: list[Path], dry_run: bool, **options: Any) -> None:
        for path in file:
            try:
                done = import_fx(
                    path,
                    at=clock.now(),
                    carry_weekends=options["carry_weekends"],
                    dry_run=dry_run,
                )
            except FileRefused as reason:
                raise CommandError(f"{path.name}: {reason}") from None
            self.stdout.write(describe(path.name, done, "rates", dry_run=dry_run))
