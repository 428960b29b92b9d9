"""manage.py rebuild_ledger"""

from __future__ import annotations

from typing import Any

from common import clock
from ledger.management.rebuilding import RebuildCommand
from ledger.rebuild import Progress, rebuild


class Command(RebuildCommand):
    help = (
        "Remake trades, positions and day results from fills. Safe at any time and to stop and "
        "repeat: the same fills give the same bytes, copied trades are left alone."
    )
    made_of, made, over = "fills", "trades", "Rebuilt from"

    @staticmethod
    def rebuild(**asked: Any) -> Progress:
        return rebuild(at=clock.now(), **asked)
