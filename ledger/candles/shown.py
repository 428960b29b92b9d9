"""Candles made on the way: a day of some accounts, or whole trades."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from itertools import pairwise
from uuid import UUID

import numpy as np
from django.db import connection

from calc.candles import Candles, Column, bases, carried, chained, line_days, lines, merged
from common.clock import NS_PER_DAY
from ledger.arrays import array
from ledger.candles import course as courses
from ledger.candles.course import follow, worth
from ledger.candles.lines import Stretch, TradeKey, lines_of, lines_of_trades, own_runs
from ledger.candles.words import Intraday, Minutes, TradeCandles
from ledger.fold.facts import number_of

NO_MINUTES = Minutes((), (), (), (), ())
_COPIED = """
SELECT id, account_id, contract_id, product_id FROM ledger_trade
WHERE account_id = ANY(%s) AND closed_ns >= %s AND opened_ns < %s AND is_copied
ORDER BY opened_ns, id"""
COPIED = "copied from production: without fills there are no candles"


def intraday(*, account_ids: tuple[int, ...], day: date) -> Intraday:
    """Return the trades and open positions that were active on the UTC day, and all together.

    Each starts where its product stands then (carried forward), one that was held when the day
    began at 0; micro-USD. A trade that cannot be priced has no candles: `notes` says why. At most
    10 queries.
    """
    number = number_of(day)
    course = follow(lines_of([Stretch(account, number, number) for account in account_ids]))
    copied = _copied(account_ids, day)
    if course is None:
        return Intraday(copied, NO_MINUTES, _notes((), copied))
    told = worth(course)
    products = [course.facts.contracts[line.place.contract_id].product_id for line in course.lines]
    dense = {product: n for n, product in enumerate(sorted(set(products)))}
    into = np.array([dense[product] for product in products], np.int64)[
        course.runs.line[_heads(line_days(course.runs))]
    ]
    of_products = merged(lines(told.candles, course.runs), into)
    base = bases(told.candles, course.runs, of_products, into)
    shown = carried(told.candles, base) if len(told.candles) else told.candles
    total = merged(of_products, np.zeros(len(dense), np.int64))
    minutes = _by_series(shown, len(course))
    trades = [
        (opened, TradeCandles(pk, *course.lines[line].place[:2], products[line], candles))
        for (line, pk, opened), candles in zip(course.named_runs(), minutes, strict=True)
    ]
    trades.sort(key=lambda pair: pair[0])
    return Intraday(
        (*(trade for _, trade in trades), *copied),
        _by_series(total, 1)[0],
        _notes(told.held.values(), copied),
    )


def of_trades(*, trades: Collection[TradeKey], gross: bool) -> dict[UUID, Minutes]:
    """Return whole trades from base 0, each day starting at the level at which the last one ended.

    trades   each with its account
    gross    nanopoints x contracts before fees; else micro-USD, fees included
    returns  trades that have fills and can be priced on all their days. At most 9 queries
    """
    wanted = lines_of_trades(trades)
    course = own_runs(wanted)
    if course is None:
        return {}
    candles, held = (courses.gross(course), {}) if gross else worth(course)
    ids = list(wanted)
    left_out = set(course.runs.line[np.array(sorted(held), np.int64)].tolist())
    whole = _by_series(chained(candles, course.runs.line), len(ids))
    told = set(course.runs.line.tolist()) - left_out
    return {ids[n]: whole[n] for n in sorted(told)}


def _by_series(candles: Candles, count: int) -> list[Minutes]:
    """Cut candles into the minutes of each series, 0 <= series < count."""
    edges = np.searchsorted(candles.series, np.arange(count + 1)).tolist()
    columns = [
        column.tolist()
        for column in (
            candles.minute * 60,
            candles.open,
            candles.high,
            candles.low,
            candles.close,
        )
    ]
    return [
        Minutes(*(tuple(column[start:stop]) for column in columns))
        for start, stop in pairwise(edges)
    ]


def _copied(account_ids: tuple[int, ...], day: date) -> tuple[TradeCandles, ...]:
    start = number_of(day) * NS_PER_DAY
    with connection.cursor() as cursor:
        cursor.execute(_COPIED, [array(account_ids), start, start + NS_PER_DAY])
        return tuple(
            TradeCandles(pk, account, contract, product, NO_MINUTES)
            for pk, account, contract, product in cursor.fetchall()
        )


def _notes(held: Iterable[str], copied: Collection[TradeCandles]) -> tuple[str, ...]:
    notes = [f"Candles are held back: {why}" for why in sorted(set(held))]
    if copied:
        trades = f"{len(copied)} trade{' is' if len(copied) == 1 else 's are'}"
        notes.append(f"{trades} {COPIED}")
    return tuple(notes)


def _heads(column: Column) -> Column:
    return np.flatnonzero(np.append(True, np.diff(column) != 0)[: len(column)])
