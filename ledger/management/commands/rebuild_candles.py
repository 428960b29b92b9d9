"""manage.py rebuild_candles"""

from __future__ import annotations

from ledger.candles import rebuild_all
from ledger.management.rebuilding import RebuildCommand


class Command(RebuildCommand):
    help = (
        "Remake the day candles, and mae and mfe of trades, from fills and bars. Safe at any time, "
        "beside polling, and to stop and repeat: the same fills and bars give the same bytes."
    )
    made_of, made = "account-days", "rows and trades"
    account_help = (
        "only this platform account, and those merged with it (may be repeated); all by default"
    )
    rebuild = staticmethod(rebuild_all)
