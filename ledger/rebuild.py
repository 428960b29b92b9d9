"""Remake trades, positions and day results from fills, all of them or some accounts'."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction

from common.metrics import REBUILDS
from ledger.actions import lock_accounts
from ledger.fold import refold
from ledger.history.because import Because
from ledger.models import Reason
from ledger.words import Place

FILLS_AT_ONCE = 100_000


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a rebuild is: fills done of all fills, and trades that came out otherwise."""

    done: int
    total: int
    changed: int


@REBUILDS.timed("trades")
def rebuild(
    *, at: datetime, account_ids: Collection[int] | None = None,
    tell: Callable[[Progress], None] = lambda _: None,
) -> Progress:  # fmt: skip
    """Fold every account and contract from its first fill; the same fills give the same bytes.

    Each chunk of about 100,000 fills is a transaction of its own under the accounts' locks, so a
    rebuild can run beside polling and can be stopped and begun again.

    at  when it begins; what a chunk changes is booked as much later as it is reached
    """
    begun = time.monotonic()
    sizes = _sizes(account_ids)
    progress = Progress(0, sum(size for _, size in sizes), 0)
    tell(progress)
    for places, size in _chunks(sizes):
        with transaction.atomic():
            lock_accounts({place.account_id for place in places})
            moment = at + timedelta(seconds=time.monotonic() - begun)
            changed = refold(places, Because(moment, Reason.REBUILD))
        progress = Progress(progress.done + size, progress.total, progress.changed + changed)
        tell(progress)
    return progress


def _sizes(account_ids: Collection[int] | None) -> list[tuple[Place, int]]:
    """Return every account and contract that has fills or results, with its number of fills."""
    sql = """
        SELECT account_id, contract_id, sum(n)::bigint FROM (
            SELECT account_id, contract_id, count(*) AS n FROM ledger_fill
            WHERE state = 'usable' GROUP BY 1, 2
            UNION ALL SELECT account_id, contract_id, 0 FROM ledger_position
            UNION ALL SELECT account_id, contract_id, 0 FROM ledger_dayresult GROUP BY 1, 2
            UNION ALL SELECT account_id, contract_id, 0 FROM ledger_trade
                WHERE NOT is_copied GROUP BY 1, 2
        ) g WHERE %s::bigint[] IS NULL OR account_id = ANY(%s) GROUP BY 1, 2 ORDER BY 1, 2"""
    wanted = None if account_ids is None else list(account_ids)
    with connection.cursor() as cursor:
        cursor.execute(sql, [wanted, wanted])
        return [(Place(account, contract), size) for account, contract, size in cursor.fetchall()]


def _chunks(sizes: list[tuple[Place, int]]) -> Iterator[tuple[list[Place], int]]:
    chunk: list[Place] = []
    filled = 0
    for place, size in sizes:
        if chunk and filled + size > FILLS_AT_ONCE:
            yield chunk, filled
            chunk, filled = [], 0
        chunk.append(place)
        filled += size
    if chunk:
        yield chunk, filled
