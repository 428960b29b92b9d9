"""manage.py rebuild_tag_sums"""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand

from journal.actions import rolled


class Command(BaseCommand):
    help = (
        "Remake the groups' sums by tag from trades and tags, and mend those by day. Safe at any "
        "time and to stop and repeat: no reading changes by it."
    )

    def handle(self, *_: Any, **__: Any) -> None:
        begun = time.monotonic()
        rolled.rebuild(lambda done, total: self.stdout.write(f"{done:,} of {total:,} accounts"))
        self.stdout.write(f"Remade in {time.monotonic() - begun:.1f} s")
