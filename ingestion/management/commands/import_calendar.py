"""Bring in files of calendar events."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from common import clock
from futures.kinds import EVENT_TYPES
from ingestion.actions.files import import_calendar
from ingestion.importers.table import FileRefused
from ingestion.management.reporting import describe


class Command(BaseCommand):
    """`manage.py import_calendar`: a second run changes nothing."""

    help = (
        "Bring CSV files of calendar events in: rows read, new, changed, rejected with reason and "
        "line. It can be run again without harm. An event is known by its country, name and "
        "instant; a later row brings its new figures, and a blank one takes none away. "
        "Columns: at (or release_utc, datetime; or date and time, with --timezone), name (or "
        "event), country (or currency), importance, and if known event_type, actual, forecast, "
        f"previous, source. Types: {', '.join(EVENT_TYPES)}; any other word is kept, and where "
        "none is told the name tells it. "
        "Example: manage.py import_calendar events.csv"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, nargs="+", help="CSV, or CSV in .gz")
        parser.add_argument("--timezone", help="of times without a zone, e.g. America/New_York")
        parser.add_argument("--country", help="of rows without one, e.g. US")
        parser.add_argument("--importance", help="of rows without one: low, medium or high")
        parser.add_argument("--dry-run", action="store_true", help="report, but store nothing")

    def handle(self, *_: object, file: list[Path], dry_run: bool, **options: Any) -> None:
        asked = {key: options[key] for key in ("timezone", "country", "importance")}
        for path in file:
            try:
                done = import_calendar(path, at=clock.now(), options=asked, dry_run=dry_run)
            except FileRefused as reason:
                raise CommandError(f"{path.name}: {reason}") from None
            self.stdout.write(describe(path.name, done, "events", dry_run=dry_run))
