"""Bring in files of fills."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from common import clock
from ingestion.actions import Source
from ingestion.actions.connections import PLATFORMS
from ingestion.actions.files import import_fills
from ingestion.importers.fills import CODES
from ingestion.importers.table import FileRefused
from ingestion.management.groups import group_for
from ingestion.management.reporting import describe, in_place
from traders.models import Platform


class Command(BaseCommand):
    """`manage.py import_fills`: a second run changes nothing."""

    help = (
        "Bring a CSV file of fills into the books: rows read, new, duplicate, rejected with reason "
        "and line. It can be run again without harm. "
        f"Formats, found by the header: {', '.join(CODES)}. The plain one has the columns "
        "contract, side, quantity, price, executed_at, and if known account, exec_id, fees, "
        "received_at, position_effect. "
        'Example: manage.py import_fills fills.csv --group "Elm Street Capital" '
        "--timezone America/Chicago --account 1234"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, nargs="+", help="CSV, or CSV in .gz")
        parser.add_argument("--format", choices=CODES, help="default: found by the header")
        parser.add_argument("--timezone", help="of times without a zone, e.g. America/Chicago")
        parser.add_argument("--account", help="of rows without an account")
        parser.add_argument("--group", help="that new traders join; needed if there are several")
        parser.add_argument("--platform", default="csv", help="default csv")
        parser.add_argument(
            "--environment", default="files", help="default files; accounts of *_sim are sim"
        )
        parser.add_argument("--dry-run", action="store_true", help="report, but store nothing")

    def handle(self, *_: object, file: list[Path], dry_run: bool, **options: Any) -> None:
        platform, _made = Platform.objects.get_or_create(
            code=options["platform"],
            defaults={"name": PLATFORMS.get(options["platform"], options["platform"])},
        )
        group = group_for(options["group"])
        source = Source(platform.pk, options["environment"], group.pk, by="import_fills")
        asked = {key: options[key] for key in ("format", "timezone", "account")}
        for path in file:
            try:
                done = import_fills(
                    path,
                    source,
                    at=clock.now(),
                    options=asked,
                    dry_run=dry_run,
                    progress=in_place(self.stderr),
                )
            except FileRefused as reason:
                raise CommandError(f"{path.name}: {reason}") from None
            self.stdout.write(describe(path.name, done, "fills", dry_run=dry_run))
