"""Which changes of the books are nothing but growth of the running UTC day.

What tells of past days alone carries `settled_version` in its keys. A fold that ends after midnight
would change a day that has become past meanwhile: so in the day's last hour nothing is growth any
more. A deed's own instant may be old, for an import takes hours: the clock is asked once more.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection

from common import clock
from common.clock import NS_PER_DAY

MARGIN = timedelta(hours=1)  # no transaction lasts as long, and no two clocks differ by as much
_EPOCH = date(1970, 1, 1).toordinal()


def first_running(at: datetime) -> date:
    """Return the first UTC day of which changes are growth; all before it are settled."""
    return (max(at, clock.now()) + MARGIN).date()


def is_settled(ns: int, running: date) -> bool:
    """Say whether nanoseconds since 1970 lie before the running day."""
    return _EPOCH + ns // NS_PER_DAY < running.toordinal()


def changed_days(
    before: Iterable[Sequence[Any]], after: Iterable[Sequence[Any]], running: date
) -> set[int]:
    """Return the accounts of which a row of day results before the running day is another one."""
    was = {tuple(row) for row in before if row[1] < running}
    became = {tuple(row) for row in after if row[1] < running}
    return {row[0] for row in was ^ became}


def tell(account_ids: Collection[int]) -> None:
    """Let what is kept of these accounts' past days end. At most 1 query; they are locked."""
    if account_ids:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE trader_platforms SET settled_version = settled_version + 1 "
                "WHERE id = ANY(%s)",
                [sorted(account_ids)],
            )
