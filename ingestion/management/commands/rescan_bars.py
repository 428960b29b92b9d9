"""Ask for bars once more."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from common import clock
from futures.models import Contract
from ingestion.actions import ask_bars_again
from ingestion.models import BarDay


class Command(BaseCommand):
    """`manage.py rescan_bars "ES Mar26" --since 2026-03-02`: the polls read these days anew."""

    help = (
        "Let the polls ask once more for bars of days that were asked for before, of a contract or "
        "of all. What comes takes the place of what is stored; what comes no more stays."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("contract", nargs="?", help='e.g. "ES Mar26"; default: all')
        parser.add_argument("--since", type=date.fromisoformat, metavar="DAY", help="UTC day")
        parser.add_argument("--until", type=date.fromisoformat, metavar="DAY", help="included")
        parser.add_argument("--connection", help="only those of the connection of this name")

    def handle(self, *_: object, contract: str | None, **options: Any) -> None:
        if contract is not None and not Contract.objects.filter(name=contract).exists():
            raise CommandError(f"There is no contract {contract}; names are like ES Mar26")
        chosen = {
            "contract__name": contract,
            "day__gte": options["since"],
            "day__lte": options["until"],
            "connection__name": options["connection"],
        }
        rows = BarDay.objects.filter(**{name: one for name, one in chosen.items() if one})
        count = ask_bars_again(list(rows.values_list("id", flat=True)), at=clock.now())
        self.stdout.write(f"{count} contract days are asked for with the next polls")
