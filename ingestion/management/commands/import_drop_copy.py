"""Bring in files of a second feed of fills."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from common import clock
from ingestion.actions import Source
from ingestion.actions.drop_copy import import_drop_copy
from ingestion.importers.fills import CODES
from ingestion.importers.table import FileRefused
from ingestion.management.reporting import describe, in_place
from traders.models import PlatformAccount


class Command(BaseCommand):
    """`manage.py import_drop_copy`: a second run changes nothing."""

    help = (
        "Keep a CSV file of an independent feed of fills (a drop copy, a clearing statement), to "
        "compare its volumes with the books by account, contract and day. Nothing of it goes into "
        f"the books. Formats as for import_fills, found by the header: {', '.join(CODES)}. "
        "Accounts are those of --platform and --environment; `manage.py reconcile` compares. "
        "Example: manage.py import_drop_copy drop.csv --platform tt --environment ext_prod_live"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, nargs="+", help="CSV, or CSV in .gz")
        parser.add_argument("--format", choices=CODES, help="default: found by the header")
        parser.add_argument("--timezone", help="of times without a zone, e.g. America/Chicago")
        parser.add_argument("--account", help="of rows without an account")
        parser.add_argument("--platform", help="of the accounts; needed if there are several")
        parser.add_argument("--environment", help="of the accounts; needed if there are several")
        parser.add_argument("--dry-run", action="store_true", help="report, but store nothing")

    def handle(self, *_: object, file: list[Path], dry_run: bool, **options: Any) -> None:
        source = _source(options["platform"], options["environment"])
        asked = {key: options[key] for key in ("format", "timezone", "account")}
        for path in file:
            try:
                done = import_drop_copy(
                    path, source, at=clock.now(), options=asked, dry_run=dry_run,
                    progress=in_place(self.stderr),
                )  # fmt: skip
            except FileRefused as reason:
                raise CommandError(f"{path.name}: {reason}") from None
            self.stdout.write(describe(path.name, done, "fills", dry_run=dry_run))


def _source(platform: str | None, environment: str | None) -> Source:
    """Return where the accounts are: as asked, or the only place there is."""
    found = PlatformAccount.objects.all()
    if platform is not None:
        found = found.filter(platform__code=platform)
    if environment is not None:
        found = found.filter(environment=environment)
    places = set(found.values_list("platform_id", "platform__code", "environment"))
    if len(places) == 1:
        ((pk, _code, place),) = places
        return Source(pk, place, group_id=0)  # it opens no account, so no group is joined
    told = ", ".join(sorted(f"{code} {place}" for _, code, place in places)) or "none"
    raise CommandError(f"Say with --platform and --environment whose accounts these are: {told}")
