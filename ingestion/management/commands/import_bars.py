"""Bring in files of one-minute bars."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from common import clock
from ingestion.actions.files import import_bars
from ingestion.importers.bars import ROLES
from ingestion.importers.table import FileRefused
from ingestion.management.reporting import describe, in_place


class Command(BaseCommand):
    """`manage.py import_bars`: a second run changes nothing."""

    help = (
        "Bring files of one-minute bars in: rows read, new, changed, rejected with reason and "
        "line. It can be run again without harm. "
        "Columns: contract, ts_open_utc (or start with --timezone; or date and time), open, high, "
        "low, close, volume. Times are ISO, or stamps since 1970 in s, ms, us or ns. "
        "Example: manage.py import_bars bars/*.csv.gz"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, nargs="+", help="CSV, CSV in .gz, or Parquet")
        parser.add_argument("--contract", help='for files without that column, e.g. "ES Mar26"')
        parser.add_argument(
            "--columns",
            metavar="ROLE=HEADER,...",
            help="e.g. open=o,start=ts; start=day+hour joins two columns; roles: "
            + ", ".join(ROLES),
        )
        parser.add_argument(
            "--stamp", choices=("start", "end"), default="start",
            help="what the times are of the minute; ends are moved back by one minute",
        )  # fmt: skip
        parser.add_argument(
            "--prices", choices=("points", "nano"),
            help="nano: whole numbers of 0.000000001 points, as Databento writes them",
        )  # fmt: skip
        parser.add_argument("--timezone", help="of times without a zone, e.g. America/Chicago")
        parser.add_argument("--dry-run", action="store_true", help="report, but store nothing")

    def handle(
        self, *_: object, file: list[Path], dry_run: bool, columns: str | None, **options: Any
    ) -> None:
        asked = {key: options[key] for key in ("contract", "timezone", "stamp", "prices")}
        asked["mapping"] = _mapping(columns)
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


def _mapping(told: str | None) -> dict[str, str]:
    """Read "open=o,start=ts"."""
    mapping: dict[str, str] = {}
    for pair in told.split(",") if told else ():
        role, _, header = (part.strip() for part in pair.partition("="))
        if role not in ROLES or not header or role in mapping:
            raise CommandError(
                f"--columns: {pair!r} names no column; write role=header, each role once, of: "
                + ", ".join(ROLES)
            )
        mapping[role] = header
    return mapping
