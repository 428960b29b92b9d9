"""The walk of each run through its day: no loop over runs, fills or minutes.

A position held since the day before enters like a fill at its mark, in the minute before the day;
from then on all runs are alike. Worth is cash + position x price. Either may wrap around in 64
bits: their sum is still exact whenever it fits itself. `_fits` sees to that by how far prices lie
from the first of their run; else the same lines run on Python ints.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from calc.candles.checks import check_path, check_starts, checked
from calc.candles.columns import Bars, Candles, Column, Fills, Rates, Runs
from calc.candles.exact import (
    DAY,
    SAFE,
    cuts,
    heads,
    key,
    largest,
    lasts,
    narrow,
    running,
    sizes,
    some,
)
from calc.money import fractions


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
    runs, fills, bars, keys = checked(runs, fills, bars, rates)
    if not len(runs):
        return Candles(*(np.zeros(0, np.int64) for _ in range(6)))
    stand = _stand(runs, fills, bars)
    busy = _busy(runs, stand, keys)
    made = []
    for start, stop in pairwise(cuts(busy.high - busy.low)):
        rows = _rows(busy.part(start, stop), bars)
        made.append(_candles(stand, rows, *_worth(stand, rows, bars, rates)))
    return _of_the_day(Candles.joined(made), runs)


class _Stand(NamedTuple):
    """Where each run stands after each of its fills, columns (fills,), held positions included."""

    start: Column  # row of each run's first fill, shape (runs,)
    run: Column
    minute: Column
    price: Column
    position: Column
    cash: Column  # - sum of signed x price
    fees: Column  # paid so far


class _Busy(NamedTuple):
    """The minutes in which runs have fills, columns (minutes,), and the bars of each run's life."""

    begin: Column  # first fill of each
    end: Column  # and its last
    minute: Column
    bar: Column  # its bar, or the next one
    has_bar: Column  # bool
    run: Column  # runs told here, shape (runs,), as the others below
    first: Column  # each one's first minute
    low: Column  # first bar within its life on its day
    high: Column  # the first one after it

    def part(self, start: int, stop: int) -> _Busy:
        """Return the runs [start, stop)."""
        if stop - start == len(self.run):
            return self
        since = self.first[start]
        until = self.first[stop] if stop < len(self.run) else len(self.begin)
        minutes, runs = slice(since, until), slice(start, stop)
        return _Busy(
            self.begin[minutes], self.end[minutes], self.minute[minutes], self.bar[minutes],
            self.has_bar[minutes], self.run[runs], self.first[runs] - since, self.low[runs],
            self.high[runs],
        )  # fmt: skip


class _Rows(NamedTuple):
    """The candles to be made, columns (rows,), and which of them have fills, columns (minutes,)."""

    series: Column
    minute: Column
    bar: Column  # row of the bars; any number where there is none
    start: Column  # row of each run's first candle, shape (runs,)
    busy: Column  # row of each minute with fills
    length: Column  # rows from it to the next such
    begin: Column  # its first fill
    end: Column  # its last
    has_bar: Column  # bool

    def since(self, column: Column) -> Column:
        """Return for every row what a column of the fills says since the last of them."""
        return column[self.end].repeat(self.length)


def _stand(runs: Runs, fills: Fills, bars: Bars) -> _Stand:
    run, minute, signed, price, fees = _with_held(runs, fills)
    start = heads(run)
    check_starts(start, runs)
    count = sizes(start, len(run))
    if not _fits(runs, bars, signed, price, start, count):
        signed, price = signed.astype(object), price.astype(object)
    if largest(fees) * len(fees) >= SAFE:
        fees = fees.astype(object)
    position, cash, paid = _within((signed, -signed * price, fees), start, count)
    check_path(run, position)
    return _Stand(start, run, minute, price, position, cash, paid)


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


def _fits(
    runs: Runs, bars: Bars, signed: Column, price: Column, start: Column, count: Column
) -> bool:
    """Say whether every worth surely fits: contracts traded x how far a price can lie away."""
    most = float(np.add.reduceat(np.abs(signed.astype(float)), start).max())
    # What all figures have in bits is at least the largest, unless one is below 0.
    bits = 1 | int(np.bitwise_or.reduce(price))
    for column in (bars.high, bars.low, bars.close):
        bits |= int(np.bitwise_or.reduce(column))
    if bits >= 0 and most * 2 * bits < SAFE / 2:
        return True
    ends = [float(column.max()) for column in (price, bars.high, bars.close) if len(column)]
    ends += [-float(column.min()) for column in (price, bars.low, bars.close) if len(column)]
    reach = 2 * max(1.0, *ends)
    if most * reach < SAFE / 2:
        return True
    if reach >= SAFE:
        return False
    first = price[start]
    reach = max(1.0, largest(price - np.repeat(first, count)))
    if len(bars):
        begin = heads(bars.book)
        at = np.minimum(np.searchsorted(bars.book[begin], runs.book), len(begin) - 1)
        known = bars.book[begin][at] == runs.book
        high = np.maximum.reduceat(np.maximum(bars.high, bars.close), begin)[at] - first
        low = np.minimum.reduceat(np.minimum(bars.low, bars.close), begin)[at] - first
        reach = max(reach, largest(high[known]), largest(low[known]))
    return bool(most * reach < SAFE / 2)


def _within(columns: tuple[Column, ...], start: Column, count: Column) -> Column:
    """Return the sums of each column within each run, up to and with each fill."""
    moved = np.array(columns)
    sums = moved.cumsum(axis=1)
    sums -= (sums - moved)[:, start].repeat(count, axis=1)
    return sums


def _busy(runs: Runs, stand: _Stand, keys: Column) -> _Busy:
    moments = key(stand.run, stand.minute)
    begin = heads(moments)
    end = lasts(begin, len(moments))
    run, minute = stand.run[begin], stand.minute[begin]
    seen = minute
    if some(runs.position):  # what was held enters before the day, and sees its first bar
        seen = np.maximum(minute, runs.day[run] * DAY)
    wanted = key(runs.book[run], seen)
    bar = keys.searchsorted(wanted)
    has_bar = np.zeros(len(bar), bool)
    if len(keys):
        has_bar = (keys.take(bar, mode="clip") == wanted) & (seen == minute)

    first = heads(run)
    last = lasts(first, len(run))
    high = bar[last] + has_bar[last]
    still_open = stand.position[end[last]].astype(bool)
    if some(still_open):
        tomorrow = key(runs.book, runs.day * DAY + DAY)[still_open]
        high[still_open] = keys.searchsorted(tomorrow)
    return _Busy(begin, end, minute, bar, has_bar, run[first], first, bar[first], high)


def _rows(busy: _Busy, bars: Bars) -> _Rows:
    """Lay the bars of the runs end to end, and between them the minutes that only have fills."""
    lone = 1 - busy.has_bar.astype(np.int64)
    count = busy.high - busy.low
    before = running(count)[:-1] - busy.low
    row = busy.bar + before.repeat(sizes(busy.first, len(lone)))
    row += running(lone)[:-1]
    total = int(count.sum() + lone.sum())
    start = row[busy.first]

    # The bar of each row is the sum of steps: 1 to the next, 0 where only fills are.
    bar = np.ones(total, np.int64)
    bar[row] = busy.has_bar
    bar[start] = busy.low - lone[busy.first]
    bar[start[1:]] -= busy.high[:-1] - 1
    bar.cumsum(out=bar)
    if len(bars):
        minute = bars.minute.take(bar, mode="clip")
        apart = lone.nonzero()[0]
        minute[row[apart]] = busy.minute[apart]
    else:
        minute = busy.minute
    return _Rows(
        series=busy.run.repeat(sizes(start, total)),
        minute=minute,
        bar=bar,
        start=start,
        busy=row,
        length=sizes(row, total),
        begin=busy.begin,
        end=busy.end,
        has_bar=busy.has_bar,
    )


def _worth(stand: _Stand, rows: _Rows, bars: Bars, rates: Rates | None) -> tuple[Column, Column]:
    """Return the worth after each fill, and at the high, low and close of each row's bar."""
    position, cash = rows.since(stand.position), rows.since(stand.cash)
    fills = slice(rows.begin[0], rows.end[-1] + 1)
    at_fill = stand.cash[fills] + stand.position[fills] * stand.price[fills]
    shape = 3, len(rows.bar)
    at_bar = np.empty(shape, cash.dtype) if len(bars) else np.zeros(shape, cash.dtype)
    if len(bars):
        at = np.empty(len(rows.bar), np.int64)
        for worth, price in zip(at_bar, (bars.high, bars.low, bars.close), strict=True):
            price.take(rows.bar, mode="clip", out=at)
            np.multiply(at, position, out=worth)
            worth += cash
    if rates is None:
        return at_fill, at_bar
    run, paid = stand.run[fills], stand.fees[fills]
    above, below = rates.points_above[run], rates.points_below[run]
    of_fills = fractions(
        np.concatenate((at_fill, paid)),
        np.concatenate((above, rates.fees_above[run])),
        np.concatenate((below, rates.fees_below[run])),
    )
    at_fill, paid = of_fills[: len(at_fill)], of_fills[len(at_fill) :]
    end = rows.end - rows.begin[0]
    usd = fractions(at_bar, above[end], below[end], rows.length)
    usd = usd - paid[end].repeat(rows.length)
    return at_fill - paid, usd


def _candles(stand: _Stand, rows: _Rows, at_fill: Column, at_bar: Column) -> Candles:
    """Return one candle per row: of its bar, or of its fills where it has some."""
    kind = np.result_type(at_fill, at_bar)
    at_fill = at_fill.astype(kind, copy=False)
    one, other, close = at_bar.astype(kind, copy=False)
    high, low = np.maximum(one, other), np.minimum(one, other)

    # The bar's close counts in a minute with fills, if the run is then still open.
    begin, end = rows.begin - rows.begin[0], rows.end - rows.begin[0]
    marked = rows.has_bar & stand.position[rows.end].astype(bool)
    close[rows.busy] = np.where(marked, close[rows.busy], at_fill[end])
    high[rows.busy] = np.maximum.reduceat(at_fill, begin)
    low[rows.busy] = np.minimum.reduceat(at_fill, begin)

    before = np.empty_like(close)
    before[1:] = close[:-1]
    before[rows.start] = 0
    for extreme, choose in ((high, np.maximum), (low, np.minimum)):
        choose(extreme, before, out=extreme)
        choose(extreme, close, out=extreme)
    prices = (narrow(column) for column in (before, high, low, close))
    return Candles(rows.series, rows.minute, *prices).starting(rows.start)


def _of_the_day(candles: Candles, runs: Runs) -> Candles:
    """Leave out the minute before the day, in which what was held entered."""
    if not some(runs.position):
        return candles
    return candles.rows(candles.minute >= runs.day[candles.series] * DAY)
