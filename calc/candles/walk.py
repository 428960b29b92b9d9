"""The walk of each run through its day: no loop over runs, fills or minutes.

A position held since the day before enters like a fill at its mark, at a moment of no minute; from
then on all runs are alike. Worth is told relative to the price of a run's first fill, which keeps
the sizes small: V(x) = sum of signed x (first - price) + position x (x - first).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from calc.candles.checks import check_path, checked
from calc.candles.columns import Bars, Candles, Column, Fills, Rates, Runs
from calc.candles.exact import SAFE, heads, key, largest, narrow, running, sizes
from calc.money import fractions

DAY = 1440  # minutes


def walk(runs: Runs, fills: Fills, bars: Bars, rates: Rates | None = None) -> Candles:
    """Return the candles of each run by itself, from base 0; `series` is the row of the run.

    rates    None = gross: points without fees
    returns  micro-USD, or nanopoints x contracts when gross; int64, or Python ints where 64 bits
             do not suffice
    errors   ValueError: columns of unequal length or not of whole numbers, rows out of order, a
             fill of 0 contracts or of another day than its run's, a run without fill or position,
             a run that goes on after it was flat (a fill that crosses zero comes as two)

    Minute without a fill: worth at the bar's high, low and close. Minute with fills: worth after
    each of them at its price, then at the bar's close if still open. No bar and no fill: no candle.
    """
    runs, fills, bars = checked(runs, fills, bars, rates)
    if not len(runs):
        return _nothing()
    stand = _stand(runs, fills, bars)
    rows = _rows(runs, stand, bars)
    worth = _worth(stand, rows, bars, rates)
    return _candles(runs, stand, rows, bars.minute[rows.bar], worth)


class _Stand(NamedTuple):
    """Where each run stands after each of its fills, columns (fills,), held positions included."""

    run: Column
    minute: Column  # -1 before the day's first for what was held
    start: Column  # row of each run's first fill, shape (runs,)
    price: Column
    first: Column  # price of the run's first fill
    position: Column
    cash: Column  # sum of signed x (first - price)
    fees: Column  # paid so far


class _Rows(NamedTuple):
    """The bars within each run, and the minutes with fills, in (run, minute) order.

    bar     row of the bars, shape (rows,)
    fill    the run's last fill until the end of that minute
    begin   first fill of each minute with fills, shape (minutes,)
    end     its last
    at      the row of that minute's bar, or of the next
    has_bar bool: it is that minute's
    """

    bar: Column
    fill: Column
    begin: Column
    end: Column
    at: Column
    has_bar: Column


def _nothing() -> Candles:
    return Candles(*(np.zeros(0, np.int64) for _ in range(6)))


def _stand(runs: Runs, fills: Fills, bars: Bars) -> _Stand:
    run, minute, signed, price, fees = _with_held(runs, fills)
    start = np.searchsorted(run, np.arange(len(runs)))
    count = sizes(start, len(run))
    held = np.add.reduceat(np.abs(signed.astype(float)), start).max()
    reach = 2 * max(largest(column) for column in (price, bars.high, bars.low, bars.close))
    if reach >= SAFE:
        price = price.astype(object)
    first = np.repeat(price[start], count)
    if max(reach, 2) * held >= SAFE / 2 and not _fits(runs, bars, price, first, start, held):
        signed, price, first = (column.astype(object) for column in (signed, price, first))
    if largest(fees) * len(fees) >= SAFE:
        fees = fees.astype(object)
    position, cash, paid = (
        _within(column, start, count) for column in (signed, signed * (first - price), fees)
    )
    check_path(run, position)
    return _Stand(run, minute, start, price, first, position, cash, paid)


def _fits(runs: Runs, bars: Bars, price: Column, first: Column, start: Column, held: float) -> bool:
    """Say whether every worth surely fits: by how far prices lie from the first of their run."""
    reach = largest(price - first)
    if len(bars):
        begin = heads(bars.book)
        books = bars.book[begin]
        high = np.maximum.reduceat(np.maximum(bars.high, bars.close), begin)
        low = np.minimum.reduceat(np.minimum(bars.low, bars.close), begin)
        at = np.minimum(np.searchsorted(books, runs.book), len(books) - 1)
        known = books[at] == runs.book
        for extreme in (high, low):
            reach = max(reach, largest((extreme[at] - first[start])[known]))
    return max(reach, 2) * held < SAFE / 2


def _with_held(runs: Runs, fills: Fills) -> tuple[Column, ...]:
    """Return the columns of the fills, what was held at the day's start in front of each run."""
    columns = fills.run, fills.minute, fills.signed, fills.price, fills.fees
    held = np.flatnonzero(runs.position)
    if not len(held):
        return columns
    at = np.searchsorted(fills.run, held)
    before = held, runs.day[held] * DAY - 1, runs.position[held], runs.mark[held], 0 * held
    return tuple(
        np.insert(column, at, entered) for column, entered in zip(columns, before, strict=True)
    )


def _within(column: Column, start: Column, count: Column) -> Column:
    """Return the sums within each run up to and with each fill."""
    sums = running(column)
    totals: Column = sums[1:] - np.repeat(sums[start], count)
    return totals


def _rows(runs: Runs, stand: _Stand, bars: Bars) -> _Rows:
    last = np.append(stand.start[1:], len(stand.run)) - 1
    since = np.maximum(stand.minute[stand.start], runs.day * DAY)
    until = np.where(stand.position[last] == 0, stand.minute[last], runs.day * DAY + DAY - 1)
    books = key(bars.book, bars.minute)
    low = np.searchsorted(books, key(runs.book, since))
    high = np.searchsorted(books, key(runs.book, until), side="right")
    count = np.maximum(high - low, 0)
    edges = running(count)
    bar = np.arange(edges[-1]) + np.repeat(low - edges[:-1], count)
    minutes = key(np.repeat(np.arange(len(runs)), count), bars.minute[bar])

    moments = key(stand.run, stand.minute)
    begin = heads(moments)
    end = np.append(begin[1:], len(moments)) - 1
    at = np.searchsorted(minutes, moments[begin])
    has_bar = _there(minutes, at, moments[begin])
    passed = np.cumsum(np.bincount(at, minlength=len(minutes) + 1)[: len(minutes)])
    return _Rows(bar, end[passed - 1], begin, end, at, has_bar)


def _there(keys: Column, at: Column, wanted: Column) -> Column:
    """Say whether the key found at each place is the one wanted; places may lie past the end."""
    if not len(keys):
        return np.zeros(len(at), bool)
    found: Column = keys[np.minimum(at, len(keys) - 1)] == wanted
    return found


def _worth(
    stand: _Stand, rows: _Rows, bars: Bars, rates: Rates | None
) -> tuple[Column, Column, Column, Column]:
    """Return the worth after each fill, and at the high, low and close of each row's bar."""
    position, cash, first = (c[rows.fill] for c in (stand.position, stand.cash, stand.first))
    points = [
        stand.cash + stand.position * (stand.price - stand.first),
        *(cash + position * (c[rows.bar] - first) for c in (bars.high, bars.low, bars.close)),
    ]
    if rates is None:
        return points[0], points[1], points[2], points[3]
    run = stand.run[rows.fill]
    paid = fractions(stand.fees, rates.fees_above[stand.run], rates.fees_below[stand.run])
    above, below = rates.points_above, rates.points_below
    at_fill = fractions(points[0], above[stand.run], below[stand.run]) - paid
    above, below, paid = above[run], below[run], paid[rows.fill]
    high, low, close = (fractions(worth, above, below) - paid for worth in points[1:])
    return at_fill, high, low, close


def _candles(
    runs: Runs,
    stand: _Stand,
    rows: _Rows,
    minute_of_bar: Column,
    worth: tuple[Column, Column, Column, Column],
) -> Candles:
    """Return one candle per minute with fills, and one per bar of a minute without."""
    kind = np.result_type(*worth)
    at_fill, at_high, at_low, at_close = (column.astype(kind, copy=False) for column in worth)

    quiet = np.ones(len(rows.bar), bool)
    quiet[rows.at[rows.has_bar]] = False
    bar = np.flatnonzero(quiet)
    busy = np.concatenate([[0], np.cumsum(quiet)])[rows.at] + np.arange(len(rows.begin))
    size = len(bar) + len(busy)
    rest = np.ones(size, bool)
    rest[busy] = False
    idle = np.flatnonzero(rest)

    # The bar's close counts in a minute with fills, if the run is then still open.
    marked = np.flatnonzero(rows.has_bar & (stand.position[rows.end] != 0))
    highest = np.maximum.reduceat(at_fill, rows.begin)
    lowest = np.minimum.reduceat(at_fill, rows.begin)
    ended = at_fill[rows.end]
    ended[marked] = at_close[rows.at[marked]]
    highest[marked] = np.maximum(highest[marked], ended[marked])
    lowest[marked] = np.minimum(lowest[marked], ended[marked])

    close, high, low = (np.empty(size, kind) for _ in range(3))
    series, minute = np.empty(size, np.int64), np.empty(size, np.int64)
    series[busy], minute[busy] = stand.run[rows.end], stand.minute[rows.end]
    series[idle], minute[idle] = stand.run[rows.fill[bar]], minute_of_bar[bar]
    close[busy], close[idle] = ended, at_close[bar]
    ups = np.maximum(np.maximum(at_high, at_low), at_close)
    downs = np.minimum(np.minimum(at_high, at_low), at_close)
    high[busy], high[idle] = highest, ups[bar]
    low[busy], low[idle] = lowest, downs[bar]

    before = np.empty(size, kind)
    before[1:] = close[:-1]
    before[heads(series)] = 0
    columns = [
        series,
        minute,
        before,
        np.maximum(high, before),
        np.minimum(low, before),
        close,
    ]
    if (runs.position != 0).any():  # what was held entered before the day: that is no candle
        kept = minute >= runs.day[series] * DAY
        columns = [column[kept] for column in columns]
    return Candles(*columns[:2], *(narrow(column) for column in columns[2:]))
