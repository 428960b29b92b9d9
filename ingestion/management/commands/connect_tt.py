"""From the TT_* variables to a stored connection."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from common import clock
from ingestion.actions import connect
from ingestion.management.groups import group_for
from traders.models import Group

KEPT_DAYS = 92  # TT's ledger keeps about 93


class Command(BaseCommand):
    """`manage.py connect_tt`: make or update the connection to Trading Technologies."""

    help = (
        "Store the connection that TT_BASE_URL, TT_ENVIRONMENT, TT_KEY and TT_SECRET describe, its "
        "secret sealed, and let it be polled. Run again after a change: it updates the same one. "
        "Without any of these variables it does nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name", default="Trading Technologies", help="of the connection")
        parser.add_argument("--group", help="that new traders join; needed if there are several")
        parser.add_argument(
            "--history-from", type=date.fromisoformat, metavar="DAY",
            help="first UTC day to bring in, e.g. 2026-01-02 (default: 92 days back)",
        )  # fmt: skip
        parser.add_argument("--poll-seconds", type=int, default=30, help="default 30")

    def handle(self, *_: object, **options: Any) -> None:
        given = {name: getattr(settings, name) for name in ("TT_BASE_URL", "TT_KEY", "TT_SECRET")}
        if not any(given.values()):
            self.stdout.write("No TT_* variable is set: nothing to connect")
            return
        if missing := [name for name, value in given.items() if not value]:
            raise CommandError(
                f"{' and '.join(missing)} missing: set TT_BASE_URL, TT_KEY and TT_SECRET together"
            )
        if not given["TT_BASE_URL"].startswith(("https://", "http://")):
            raise CommandError("TT_BASE_URL is no address: it starts with https://")
        now = clock.now()
        group: Group = group_for(options["group"])
        made = connect(
            name=options["name"],
            platform="tt",
            environment=settings.TT_ENVIRONMENT,
            base_url=given["TT_BASE_URL"],
            key=given["TT_KEY"],
            secret=given["TT_SECRET"],
            group=group,
            history_from=options["history_from"] or now.date() - timedelta(days=KEPT_DAYS),
            at=now,
            requests_per_second=settings.TT_REQUESTS_PER_SECOND,
            requests_per_day=settings.TT_REQUESTS_PER_DAY,
            poll_seconds=options["poll_seconds"],
        )
        self.stdout.write(
            f"{made.name}: {made.environment} at {made.base_url}, new traders join {group}"
        )
