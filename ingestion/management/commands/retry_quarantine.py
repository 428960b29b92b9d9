"""Try again what could not be used."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from common import clock
from ingestion.actions import retry
from ingestion.models import QuarantinedRow, Stream


class Command(BaseCommand):
    """`manage.py retry_quarantine --reason "more than a day after"`."""

    help = (
        "Read rows of fills again that a poll put aside, once their reason is mended: those that "
        "fit now go into the books, the others stay. Safe beside polling, to stop and to repeat."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--connection", metavar="NAME", help="only those of this connection")
        parser.add_argument("--reason", metavar="TEXT", help="only those whose reason says this")

    def handle(self, *_: Any, connection: str | None, reason: str | None, **__: Any) -> None:
        rows = QuarantinedRow.objects.filter(resolved_at=None, stream=Stream.FILLS)
        rows = rows.exclude(connection=None)
        if connection:
            rows = rows.filter(connection__name=connection)
        if reason:
            rows = rows.filter(reason__icontains=reason)
        ids = list(rows.values_list("id", flat=True))

        def tell(tried: int, settled: int) -> None:
            self.stdout.write(f"{tried:,} of {len(ids):,} tried, {settled:,} used")

        settled, still_out = retry(ids, at=clock.now(), tell=tell)
        self.stdout.write(f"{settled:,} rows used, {still_out:,} still do not fit")
