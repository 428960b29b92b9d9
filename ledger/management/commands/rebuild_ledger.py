"""manage.py rebuild_ledger"""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from ledger.rebuild import Progress, rebuild


class Command(BaseCommand):
    help = (
        "Remake trades, positions and day results from fills. Safe at any time and to stop and "
        "repeat: the same fills give the same bytes, copied trades are left alone."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--account", type=int, action="append", dest="account_ids", metavar="ID",
            help="only this platform account (may be repeated); all by default",
        )  # fmt: skip

    def handle(self, *_: Any, account_ids: list[int] | None, **__: Any) -> None:
        begun = time.monotonic()

        def tell(progress: Progress) -> None:
            share = progress.done / progress.total if progress.total else 1
            self.stdout.write(
                f"{share:4.0%}  {progress.done:,} of {progress.total:,} fills, "
                f"{progress.changed:,} trades changed"
            )

        done = rebuild(account_ids=account_ids, tell=tell)
        self.stdout.write(
            f"Rebuilt from {done.total:,} fills in {time.monotonic() - begun:.1f} s: "
            f"{done.changed:,} trades came out otherwise"
        )
