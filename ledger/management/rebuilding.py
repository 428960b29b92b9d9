"""What the commands that remake something have in common."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Protocol

from django.core.management.base import BaseCommand, CommandParser


class Progress(Protocol):
    """How far it is: done of all, and what came out otherwise."""

    @property
    def done(self) -> int: ...
    @property
    def total(self) -> int: ...
    @property
    def changed(self) -> int: ...


class RebuildCommand(BaseCommand):
    """Remakes all, or some accounts', and tells how far it is; a subclass says what.

    made_of, made  what is counted on the way, and what may come out otherwise
    over           how the last sentence begins
    """

    made_of: str
    made: str
    over = "Rebuilt"
    rebuild: Callable[..., Progress]  # account_ids, tell
    account_help = "only this platform account (may be repeated); all by default"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--account", type=int, action="append", dest="account_ids", metavar="ID",
            help=self.account_help,
        )  # fmt: skip

    def handle(self, *_: Any, account_ids: list[int] | None, **__: Any) -> None:
        begun = time.monotonic()

        def tell(progress: Progress) -> None:
            share = progress.done / progress.total if progress.total else 1
            self.stdout.write(
                f"{share:4.0%}  {progress.done:,} of {progress.total:,} {self.made_of}, "
                f"{progress.changed:,} {self.made} changed"
            )

        done = self.rebuild(account_ids=account_ids, tell=tell)
        self.stdout.write(
            f"{self.over} {done.total:,} {self.made_of} in "
            f"{time.monotonic() - begun:.1f} s: {done.changed:,} {self.made} came out otherwise"
        )
