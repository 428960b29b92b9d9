"""Poll the providers by hand."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from common import clock
from ingestion import actions, poll, queries
from ingestion.models import Feed
from ingestion.poll import Report


class Command(BaseCommand):
    """`manage.py poll`: the same turns that the workers take, in the foreground."""

    help = (
        "Bring in what the providers have: accounts, fills, rates, bars. With --once everything "
        "that is due now gets one turn, then a short report is printed; without it polling goes on "
        "until Ctrl-C. Safe beside running workers: what one has taken the other leaves alone."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="one turn, then report and stop")
        parser.add_argument("--all", action="store_true", help="also what is not due yet")
        parser.add_argument(
            "--progress", action="store_true", help="stop only when the whole history is in"
        )
        parser.add_argument("--connection", help="only the connection of this name")
        parser.add_argument(
            "--past-full-stamp", action="store_true", dest="past",
            help="first let feeds go on that a full page of one stamp holds up: what is told of it "
            "comes in, and the quarantine says that there may be more",
        )  # fmt: skip
        parser.add_argument(
            "--seconds", type=float, default=20.0, help="the longest turn of a feed (default 20)"
        )

    def handle(self, *_: object, once: bool, progress: bool, **options: Any) -> None:
        feeds = Feed.objects.filter(connection__is_active=True)
        if name := options["connection"]:
            feeds = feeds.filter(connection__name=name)
        among = list(feeds.values_list("id", flat=True))
        if not among and name:
            raise CommandError(f"No active connection is called {name}")
        if not among:
            raise CommandError(
                "There is nothing to poll: make a connection in the admin, or set the TT_* "
                "variables and run `manage.py connect_tt`"
            )
        if options["past"]:
            stamps = actions.read_past(among, at=clock.now())
            self.stdout.write(f"Reading past {', '.join(map(str, stamps)) or 'no stamp'}")
        ignore_due = bool(options["all"])
        while True:
            report = poll.due(
                clock.now(),
                among=among,
                ignore_due=ignore_due,
                budget_seconds=options["seconds"],
            )
            for outcome in report.outcomes:
                (self.stderr if outcome.error else self.stdout).write(str(outcome))
            if once and not (progress and report.has_history_left):
                break
            if progress and not once and queries.history_percent(now=clock.now()) == 100:
                break
            ignore_due = False
            time.sleep(0.0 if report.has_history_left and not report.failed else 2.0)
        self._sum_up(report)

    def _sum_up(self, report: Report) -> None:
        if not report.outcomes:
            self.stdout.write("Nothing is due (--all polls nevertheless)")
        if failed := report.failed:
            raise CommandError(
                f"{len(failed)} of {len(report.outcomes)} feeds failed: {failed[0]}; "
                "they are tried again by themselves"
            )
