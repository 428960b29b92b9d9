"""Bars of many contracts and days at once, in columns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from django.db import connection

from calc.candles import Bars, Column
from common.clock import NS_PER_DAY, from_ns
from ledger.arrays import array

MINUTES_PER_DAY = 1_440
_TO_2000 = 15_778_080  # minutes; PostgreSQL counts its microseconds from there
_ROW = np.dtype([("start_at", ">i8"), ("high", ">i8"), ("low", ">i8"), ("close", ">i8")])
# One packed value per day: a row per bar would cost several times as much on the way to a column.
# The bounds over all let the planner leave other months alone.
_BARS = """
SELECT b.packed
FROM unnest(%(contract)s::bigint[], %(since)s::timestamptz[], %(until)s::timestamptz[])
    WITH ORDINALITY AS g (contract_id, since, until, n)
CROSS JOIN LATERAL (
    SELECT string_agg(
        timestamptz_send(b.start_at) || int8send(b.high) || int8send(b.low) || int8send(b.close),
        '' ORDER BY b.start_at
    ) AS packed
    FROM futures_bar b
    WHERE b.contract_id = g.contract_id AND b.start_at BETWEEN g.since AND g.until
        AND b.start_at BETWEEN %(first)s AND %(last)s
) b
ORDER BY g.n"""
_MARKS = """
SELECT EXISTS (
        SELECT FROM futures_bar b WHERE b.contract_id = g.contract_id
            AND b.start_at >= g.day AND b.start_at < g.day + interval '24 hours'
            AND b.start_at BETWEEN %(first)s AND %(last)s
    ), (extract(epoch FROM m.start_at) / 60)::bigint, m.close
FROM unnest(%(contract)s::bigint[], %(day)s::timestamptz[], %(held)s::timestamptz[])
    WITH ORDINALITY AS g (contract_id, day, held_since, n)
LEFT JOIN LATERAL (
    SELECT b.start_at, b.close FROM futures_bar b WHERE b.contract_id = g.contract_id
        AND b.start_at >= g.held_since AND b.start_at < g.day
        AND b.start_at BETWEEN %(first)s AND %(last)s
    ORDER BY b.start_at DESC LIMIT 1
) m ON g.held_since IS NOT NULL
ORDER BY g.n"""


@dataclass(frozen=True, slots=True, eq=False)
class BarDays:
    """Contracts on UTC days; columns of equal length, (book, day) rising.

    book          number of the contract; contract its id
    day           days since 1970
    since, until  minutes since 1970, both included, all on the day: what is wanted of its bars
    held_since    minute from which a bar may mark what was held when the day began; -1 = nothing
    """

    book: Column
    contract: Column
    day: Column
    since: Column
    until: Column
    held_since: Column

    def __len__(self) -> int:
        return len(self.book)


@dataclass(frozen=True, slots=True, eq=False)
class Marks:
    """What is known of contracts on UTC days, columns (days,).

    has_bars      bool: there is a bar on the day
    minute, price of the last bar from `held_since` on and before the day; minute -1 = none
    """

    has_bars: Column
    minute: Column
    price: Column


def read_bars(days: BarDays) -> Bars:
    """Return the bars that are wanted of these days. 1 query."""
    if not len(days):
        return Bars(*(np.zeros(0, np.int64) for _ in range(5)))
    given = {
        "contract": array(days.contract.tolist()),
        "since": _instants(days.since),
        "until": _instants(days.until),
        **_bounds(days.since, days.until),
    }
    with connection.cursor() as cursor:
        cursor.execute(_BARS, given)
        packed = [bytes(one or b"") for (one,) in cursor.fetchall()]
    rows = np.frombuffer(b"".join(packed), _ROW)
    count = [len(one) // _ROW.itemsize for one in packed]
    return Bars(
        np.repeat(days.book, count),
        rows["start_at"].astype(np.int64) // 60_000_000 + _TO_2000,
        *(rows[name].astype(np.int64) for name in ("high", "low", "close")),
    )


def read_marks(days: BarDays) -> Marks:
    """Say which days have bars, and what marks the positions that they began with. 1 query."""
    if not len(days):
        return Marks(*(np.zeros(0, np.int64) for _ in range(3)))
    starts = days.day * MINUTES_PER_DAY
    held = [None if minute < 0 else _instant(minute) for minute in days.held_since.tolist()]
    earliest = np.where(days.held_since < 0, starts, days.held_since)
    given = {
        "contract": array(days.contract.tolist()),
        "day": _instants(starts),
        "held": array(held),
        **_bounds(earliest, starts + MINUTES_PER_DAY),
    }
    with connection.cursor() as cursor:
        cursor.execute(_MARKS, given)
        rows = cursor.fetchall()
    has_bars, minute, price = zip(*rows, strict=True)
    return Marks(
        np.array(has_bars, bool),
        np.array([-1 if one is None else one for one in minute], np.int64),
        np.array([one or 0 for one in price], np.int64),
    )


def _bounds(since: Column, until: Column) -> dict[str, Any]:
    return {"first": _instant(int(since.min())), "last": _instant(int(until.max()))}


def _instants(minutes: Column) -> str:
    return array(map(_instant, minutes.tolist()))


def _instant(minute: int) -> datetime:
    return from_ns(minute * (NS_PER_DAY // MINUTES_PER_DAY))
