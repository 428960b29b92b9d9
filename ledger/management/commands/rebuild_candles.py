"""manage.py rebuild_candles"""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from ledger.candles import rebuild_all
from ledger.candles.rebuilt import Progress


class Command(BaseCommand):
    help = (
        "Remake the day candles, and mae and mfe of trades, from fills and bars. Safe at any time, "
        "beside polling, and to stop and repeat: the same fills and bars give the same bytes."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--account", type=int, action="append", dest="account_ids", metavar="ID",
            help="only this platform account, and those merged with it (may be repeated); all by "
            "default",
        )  # fmt: skip

    def handle(self, *_: Any, account_ids: list[int] | None, **__: Any) -> None:
        begun = time.monotonic()

        def tell(progress: Progress) -> None:
            share = progress.done / progress.total if progress.total else 1
            self.stdout.write(
                f"{share:4.0%}  {progress.done:,} of {progress.total:,} account-days, "
                f"{progress.changed:,} rows and trades changed"
            )

        done = rebuild_all(account_ids=account_ids, tell=tell)
        self.stdout.write(
            f"Rebuilt {done.total:,} account-days in {time.monotonic() - begun:.1f} s: "
            f"{done.changed:,} rows and trades came out otherwise"
        )
