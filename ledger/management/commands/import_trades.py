"""manage.py import_trades"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from common import clock
from ledger.copying import CopyRefused, bring_in, newest


class Command(BaseCommand):
    help = (
        "Bring a copy that export_trades wrote into this development database, all of it or "
        "nothing. Ids are kept; a second run changes nothing; trades that production no longer "
        "has go; tags and notes that were made here stay. Refused in production."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "place", type=Path, nargs="?", metavar="FILE|FOLDER",
            default=settings.TRADES_COPY_FROM or None,
            help="a copy, or a folder whose newest one comes in; TRADES_COPY_FROM by default",
        )  # fmt: skip
        parser.add_argument("--dry-run", action="store_true", help="report, but store nothing")

    def handle(self, *_: Any, place: Path | None, dry_run: bool, **__: Any) -> None:
        if not place:
            raise CommandError("Say which copy: a file, a folder, or set TRADES_COPY_FROM")
        try:
            path = newest(place)
            done = bring_in(path, at=clock.now(), dry_run=dry_run, tell=self.stdout.write)
        except CopyRefused as refused:
            raise CommandError(str(refused)) from refused
        for note in done.notes:
            self.stdout.write(f"  {note}")
        booked, taken = done.booked, done.manifest.taken_at
        self.stdout.write(
            f"{path.name}, taken {taken:%Y-%m-%d %H:%M} UTC: {booked.new:,} trades new, "
            f"{booked.changed:,} changed, {booked.gone:,} gone, "
            f"{len(booked.accounts):,} accounts with other books"
            f"{' (dry run: nothing is stored)' if dry_run else ''}"
        )
