"""Remake day candles and excursions from fills and bars, all of them or some accounts'."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from django.db import connection, transaction

from common.metrics import REBUILDS
from ledger.candles import todo
from ledger.candles.kept import ACCOUNT_DAYS, write
from ledger.candles.made import Desk, make, overnight
from ledger.candles.todo import Due
from ledger.due import ALWAYS
from ledger.fold.facts import day_of

Unit: TypeAlias = tuple[int, int]  # day since 1970, account

# What ends on the days; trades of one day are read with the day.
_OVERNIGHT = """
SELECT account_id, id FROM ledger_trade
WHERE account_id = ANY(%s) AND closed_on = ANY(%s) AND NOT is_copied
    AND opened_ns < (closed_on - date '1970-01-01') * 86400000000000::bigint"""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a rebuild is: account-days done of all; rows and trades that came out otherwise."""

    done: int
    total: int
    changed: int


@REBUILDS.timed("candles")
def rebuild_all(
    *, account_ids: Collection[int] | None = None,
    tell: Callable[[Progress], None] = lambda _: None,
) -> Progress:  # fmt: skip
    """Make every day's candles anew; the same fills and bars give the same bytes.

    Day by day over all accounts, so that bars are read once for everybody. Each chunk is a
    transaction under its accounts' locks: it can run beside polling, be stopped and begun again.
    Of the accounts asked for, those of the same trader and kind are made too. What is due stays so.
    """
    with transaction.atomic():
        desks = todo.lock_desks(_accounts(account_ids))  # read, and let go at once
    units = _units(desks)
    progress = Progress(0, len(units), 0)
    tell(progress)
    for chunk in _chunks(units):
        with transaction.atomic():
            desks = todo.lock_desks({account for _, account in chunk})
            changed = _make(desks, chunk)
        progress = Progress(progress.done + len(chunk), progress.total, progress.changed + changed)
        tell(progress)
    return progress


def _make(desks: Collection[Desk], chunk: Collection[Unit]) -> int:
    desk_of = {account: desk for desk in desks for account in desk}
    wanted: dict[Desk, set[int]] = defaultdict(set)
    for day, account in chunk:
        if account in desk_of:  # else it went to another trader: that marked its days
            wanted[desk_of[account]].add(day)
    with connection.cursor() as cursor:
        days = sorted({day for day, _ in chunk})
        cursor.execute(_OVERNIGHT, [list(desk_of), [day_of(day) for day in days]])
        far = cursor.fetchall()
    return write(wanted, make(wanted), overnight(far))


def _accounts(account_ids: Collection[int] | None) -> list[int]:
    if account_ids is not None:
        return sorted(account_ids)
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM trader_platforms ORDER BY id")
        return [pk for (pk,) in cursor.fetchall()]


def _units(desks: Collection[Desk]) -> list[Unit]:
    """Return the days of each account on which there may be something, or is; by day."""
    accounts = [account for desk in desks for account in desk]
    everything = [Due(0, account, None, ALWAYS, None) for account in accounts]
    found = todo.days_of(everything)
    return sorted(
        (day, account) for account, days in zip(accounts, found, strict=True) for day in days
    )


def _chunks(units: list[Unit]) -> Iterator[list[Unit]]:
    for start in range(0, len(units), ACCOUNT_DAYS):
        yield units[start : start + ACCOUNT_DAYS]
