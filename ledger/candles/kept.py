"""Day candles and excursions kept: what is due is made, a few account-days at a time.

What changed marks its days in its own transaction; here they are made under the accounts' locks,
and a mark goes away in the transaction that made its days. So a crash anywhere leaves marks, and
the days are made again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from django.db import DatabaseError, connection, transaction

from common import locks
from ledger.arrays import array
from ledger.candles import todo
from ledger.candles.fills import UNKNOWN
from ledger.candles.layers import Row
from ledger.candles.made import Desk, Excursions, Made, make, overnight
from ledger.candles.todo import Due
from ledger.fold.facts import day_of

log = structlog.get_logger(__name__)

ACCOUNT_DAYS = 240  # made in one transaction: a second or less, for polls wait meanwhile
ACCOUNTS = 120  # in turn at once

_ROW = "account_id, day, product_id, merged, high_usd, low_usd, close_usd"
_OLD = f"""
SELECT {_ROW} FROM ledger_daycandle
WHERE account_id = ANY(%s) AND day = ANY(%s)"""  # noqa: S608  constant names
_FORGET = """
DELETE FROM ledger_daycandle c
USING unnest(%s::bigint[], %s::date[], %s::bigint[], %s::text[])
    AS g (account_id, day, product_id, merged)
WHERE c.account_id = g.account_id AND c.day = g.day AND c.product_id = g.product_id
    AND c.merged = g.merged::bigint[]"""
_KEEP = f"""
INSERT INTO ledger_daycandle ({_ROW})
SELECT account_id, day, product_id, merged::bigint[], high, low, close
FROM unnest(%s::bigint[], %s::date[], %s::bigint[], %s::text[], %s::bigint[], %s::bigint[],
    %s::bigint[]) AS g (account_id, day, product_id, merged, high, low, close)"""  # noqa: S608
_WENT = f"""
UPDATE ledger_trade t SET mae_usd = g.mae, mfe_usd = g.mfe
FROM (
    SELECT account_id, id, nullif(mae, {UNKNOWN}) AS mae, nullif(mfe, {UNKNOWN}) AS mfe
    FROM unnest(%s::bigint[], %s::uuid[], %s::bigint[], %s::bigint[])
        AS g (account_id, id, mae, mfe)
) g
WHERE t.account_id = g.account_id AND t.id = g.id
    AND (t.mae_usd, t.mfe_usd) IS DISTINCT FROM (g.mae, g.mfe)"""  # noqa: S608
# The accounts' days lie side by side in an index; ids are all over theirs.
_WENT_BY_DAY = f"{_WENT} AND t.account_id = ANY(%s) AND t.closed_on = ANY(%s)"
_OVERNIGHT = """
SELECT DISTINCT t.account_id, t.id
FROM unnest(%s::bigint[], %s::bigint[], %s::date[], %s::date[])
    AS g (account_id, contract_id, since, until)
JOIN ledger_trade t ON t.account_id = g.account_id
    AND (g.contract_id IS NULL OR t.contract_id = g.contract_id)
    AND t.closed_on >= g.since
    AND t.opened_ns < (g.until - date '1970-01-01' + 1) * 86400000000000::bigint
WHERE NOT t.is_copied
    AND t.opened_ns < (t.closed_on - date '1970-01-01') * 86400000000000::bigint"""


@dataclass(frozen=True, slots=True)
class Kept:
    """What was made: account-days, rows and trades that came out otherwise; what was put off."""

    account_days: int = 0
    changed: int = 0
    put_off: int = 0

    def and_(self, other: Kept) -> Kept:
        return Kept(
            self.account_days + other.account_days,
            self.changed + other.changed,
            self.put_off + other.put_off,
        )


class Unmakeable(Exception):
    """Days that could not be made, and what is due of them; the cause stands behind it."""

    def __init__(self, units: Mapping[Desk, Collection[int]], dues: Sequence[Due]) -> None:
        super().__init__(f"{sum(map(len, units.values()))} days could not be made")
        self.units, self.dues = units, dues


def keep(*, most: int | None = None, at: datetime, wait: bool = True) -> Kept:
    """Make what is due, chunk by chunk, each a transaction under its accounts' locks.

    Two at once take turns. A day that cannot be made is logged and put off; others go on.

    most   account-days after which to stop; None = until nothing is due
    wait   False = leave it to whoever is at it already
    """
    done, careful = Kept(), 0
    while most is None or done.account_days < most:
        try:
            step = _step(at, 1 if careful else ACCOUNT_DAYS, wait=wait)
        except Unmakeable as days:
            if careful or sum(map(len, days.units.values())) == 1:
                done = done.and_(_put_off(days, at))
            else:  # one by one, until it is found
                careful = ACCOUNT_DAYS
            continue
        if step is None:
            break
        careful = max(0, careful - 1)
        done = done.and_(step)
    return done


def _step(at: datetime, most: int, *, wait: bool) -> Kept | None:
    """Make a chunk; None where nothing is due, or another is at it."""
    with transaction.atomic():
        if not alone(wait):
            return None
        told = todo.tell_accounts(at)
    with transaction.atomic():
        if not alone(wait):
            return None
        accounts = todo.accounts_in_turn(at, 1 if most == 1 else ACCOUNTS)
        if not accounts:
            return Kept() if told else None
        desks = todo.lock_desks(accounts)
        dues = todo.due_of(desks, at)
        return _make(desks, dues, most)


def alone(wait: bool) -> bool:
    if not wait:
        return locks.try_hold("ledger", "candles")
    locks.hold("ledger", "candles")
    return True


def _make(desks: Sequence[Desk], dues: Sequence[Due], most: int) -> Kept:
    """Make the newest days that are due, up to `most` account-days, and settle their marks."""
    desk_of = {account: desk for desk in desks for account in desk}
    found = todo.days_of(dues)
    wanted = {
        (day, desk_of[due.account_id])
        for due, days in zip(dues, found, strict=True)
        for day in days
    }
    units: dict[Desk, set[int]] = defaultdict(set)
    count = 0
    for day, desk in sorted(wanted, reverse=True):
        if count and count + len(desk) > most:
            break
        units[desk].add(day)
        count += len(desk)
    done: list[int] = []
    left: list[tuple[int, int]] = []
    spans = []
    for due, days in zip(dues, found, strict=True):
        taken = units[desk_of[due.account_id]]
        waiting = [day for day in days if day not in taken]
        if waiting:
            left.append((due.pk, waiting[-1]))
        else:
            done.append(due.pk)
        if ours := [day for day in days if day in taken]:
            span = day_of(ours[0]), day_of(ours[-1])
            spans.append((due.account_id, due.contract_id, *span))
    try:
        changed = write(units, make(units), overnight(_overnight(spans)))
    except Exception as error:
        if isinstance(error, DatabaseError) and _is_passing(error):
            raise
        raise Unmakeable(units, dues) from error
    todo.settle(done, left)
    return Kept(count, changed)


def _is_passing(error: DatabaseError) -> bool:
    """Say whether the same would go well another time: no connection, a deadlock, a restart."""
    state = getattr(error.__cause__, "sqlstate", None) or ""
    return not state or state.startswith(("08", "40", "53", "55", "57P"))


def _overnight(spans: Sequence[tuple[Any, ...]]) -> list[Any]:
    """Return the trades over midnight that touch (account, contract, since, until). 1 query."""
    if not spans:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_OVERNIGHT, [list(column) for column in zip(*spans, strict=True)])
        found: list[Any] = cursor.fetchall()
    return found


def write(units: Mapping[Desk, Collection[int]], made: Made, far: Excursions | None) -> int:
    """Put rows in the place of those of these desks' days; return how many came out otherwise.

    Only accounts of which something changed get a new version. At most 6 queries.
    """
    accounts = [account for desk in units for account in desk]
    days = sorted({day for numbers in units.values() for day in numbers})
    mine = {
        (account, day_of(day))
        for desk, numbers in units.items() for account in desk for day in numbers
    }  # fmt: skip
    with connection.cursor() as cursor:
        where: list[Any] = [accounts, [day_of(day) for day in days]]
        cursor.execute(_OLD, where)
        old = {
            Row(account, day, product, tuple(merged), *money)
            for account, day, product, merged, *money in cursor.fetchall()
            if (account, day) in mine
        }
        gone, new = old - made.rows, made.rows - old
        if gone:
            cursor.execute(_FORGET, _columns(gone)[:4])
        if new:
            cursor.execute(_KEEP, _columns(new))
        touched = [row.account_id for row in (*gone, *new)]
        for went, sql, bounds in (
            (made.excursions, _WENT_BY_DAY, where),
            (far, _WENT, []),
        ):
            if went is not None and len(went.trade_id):
                cursor.execute(f"{sql} RETURNING t.account_id", [*_arrays(went), *bounds])
                touched += [account for (account,) in cursor.fetchall()]
        if touched:
            cursor.execute(
                "UPDATE trader_platforms SET candles_version = candles_version + 1 "
                "WHERE id = ANY(%s)",
                [sorted(set(touched))],
            )
    return len(touched)


def _arrays(went: Excursions) -> list[str]:
    """Return columns as the texts of arrays: to turn each value by itself costs several times."""
    ids = went.trade_id.tobytes().hex(",", 16)
    account, mae, mfe = (array(one.tolist()) for one in (went.account_id, went.mae, went.mfe))
    return [account, f"{{{ids}}}", mae, mfe]


def _columns(rows: Collection[Row]) -> list[Any]:
    """Return rows as columns; arrays as text, for unnest takes no arrays of arrays."""
    columns = [list(column) for column in zip(*sorted(rows), strict=True)]
    merged = [array(one) for one in columns[3]]
    account, day, product, _, *money = columns
    return [array(account), day, array(product), merged, *map(array, money)]


def _put_off(days: Unmakeable, at: datetime) -> Kept:
    """Let a day that cannot be made wait, and say so."""
    ((desk, (day, *_)),) = [(desk, sorted(found)) for desk, found in days.units.items() if found]
    log.error("candles_unmakeable", accounts=desk, day=str(day_of(day)), exc_info=days.__cause__)
    with transaction.atomic():
        todo.lock_desks(desk)
        todo.put_off(days.dues, day, at)
    return Kept(put_off=1)
