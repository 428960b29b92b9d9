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

from calc.candles.checks import check_path, checked
from calc.candles.columns import Bars, Candles, Column, Fills, Rates, Runs
from calc.candles.exact import SAFE, cuts, heads, key, largest, minute_of, narrow, running, sizes
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
    runs, fills, bars, keys = checked(runs, fills, bars, rates)
    if not len(runs):
        return Candles(*(np.zeros(0, np.int64) for _ in range(6)))
    stand = _stand(runs, fills, bars)
    low, high = _bars_within(runs, stand, keys)
    made = []
    for start, stop in pairwise(cuts(high - low)):
        part = stand.part(start, stop)
        rows = _rows(part, bars, low[start:stop], high[start:stop])
        made.append(_candles(part, rows, *_worth(part, rows, bars, rates)))
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

    def part(self, first: int, until: int) -> _Stand:
        """Return the runs [first, until); they keep their numbers."""
        start, *columns = self
        end = start[until] if until < len(start) else len(self.run)
        rows = slice(start[first], end)
        return _Stand(start[first:until] - start[first], *(column[rows] for column in columns))


class _Rows(NamedTuple):
    """The candles to be made, columns (rows,), and which of them have fills, columns (minutes,)."""

    moment: Column  # run and minute, as `key` joins them
    bar: Column  # row of the bars; any row where there is none
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
    start = run.searchsorted(np.arange(len(runs)))
    count = sizes(start, len(run))
    if not _fits(runs, bars, signed, price, start, count):
        signed, price = signed.astype(object), price.astype(object)
    if largest(fees) * len(fees) >= SAFE:
        fees = fees.astype(object)
    position = _within(signed, start, count)
    check_path(run, position)
    cash = _within(-signed * price, start, count)
    return _Stand(start, run, minute, price, position, cash, _within(fees, start, count))


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
    most = np.add.reduceat(np.abs(signed.astype(float)), start).max()
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


def _within(column: Column, start: Column, count: Column) -> Column:
    """Return the sums within each run up to and with each fill."""
    sums = running(column)
    totals: Column = sums[1:] - sums[start].repeat(count)
    return totals


def _bars_within(runs: Runs, stand: _Stand, keys: Column) -> tuple[Column, Column]:
    """Return the first bar within each run's life on its day, and the first one after it."""
    last = np.append(stand.start[1:], len(stand.run)) - 1
    since = np.maximum(stand.minute[stand.start], runs.day * DAY)
    after = np.where(stand.position[last] == 0, stand.minute[last] + 1, runs.day * DAY + DAY)
    return keys.searchsorted(key(runs.book, since)), keys.searchsorted(key(runs.book, after))


def _rows(stand: _Stand, bars: Bars, low: Column, high: Column) -> _Rows:
    count = high - low
    edges = running(count)
    bar = np.arange(edges[-1]) + (low - edges[:-1]).repeat(count)
    moment = bars.minute[bar] + (stand.run[stand.start] << 32).repeat(count)

    moments = key(stand.run, stand.minute)
    begin = heads(moments)
    end = np.append(begin[1:], len(moments)) - 1
    moments = moments[begin]
    busy = moment.searchsorted(moments)
    has_bar = np.zeros(len(busy), bool)
    if len(moment):
        has_bar = moment[np.minimum(busy, len(moment) - 1)] == moments
    if not has_bar.all():
        lone = ~has_bar
        busy = busy + running(lone)[:-1]
        rest = np.ones(len(bar) + np.count_nonzero(lone), bool)
        rest[busy[lone]] = False
        with_bar = bar, moment
        bar, moment = np.zeros((2, len(rest)), np.int64)
        bar[rest], moment[rest] = with_bar
        moment[busy] = moments
    return _Rows(moment, bar, busy, sizes(busy, len(moment)), begin, end, has_bar)


def _worth(
    stand: _Stand, rows: _Rows, bars: Bars, rates: Rates | None
) -> tuple[Column, list[Column]]:
    """Return the worth after each fill, and at the high, low and close of each row's bar."""
    position, cash = rows.since(stand.position), rows.since(stand.cash)
    at_fill = stand.cash + stand.position * stand.price
    at_bar = np.zeros((3, len(rows.bar)), cash.dtype)
    if len(bars):
        for worth, price in zip(at_bar, (bars.high, bars.low, bars.close), strict=True):
            np.multiply(position, price[rows.bar], out=worth)
            worth += cash
    if rates is None:
        return at_fill, list(at_bar)
    above, below = rates.points_above[stand.run], rates.points_below[stand.run]
    of_fills = fractions(
        np.concatenate((at_fill, stand.fees)),
        np.concatenate((above, rates.fees_above[stand.run])),
        np.concatenate((below, rates.fees_below[stand.run])),
    )
    at_fill, paid = of_fills[: len(at_fill)], of_fills[len(at_fill) :]
    usd = fractions(at_bar, above[rows.end], below[rows.end], rows.length)
    usd = usd - rows.since(paid)
    return at_fill - paid, list(usd)


def _candles(stand: _Stand, rows: _Rows, at_fill: Column, at_bar: list[Column]) -> Candles:
    """Return one candle per row: of its bar, or of its fills where it has some."""
    kind = np.result_type(at_fill, *at_bar)
    at_fill, one, other, close = (column.astype(kind, copy=False) for column in (at_fill, *at_bar))
    high, low = np.maximum(one, other), np.minimum(one, other)

    # The bar's close counts in a minute with fills, if the run is then still open.
    ended = at_fill[rows.end]
    marked = rows.has_bar & (stand.position[rows.end] != 0)
    ended[marked] = close[rows.busy[marked]]
    close[rows.busy] = ended
    high[rows.busy] = np.maximum.reduceat(at_fill, rows.begin)
    low[rows.busy] = np.minimum.reduceat(at_fill, rows.begin)

    before = np.empty(len(close), kind)
    before[1:] = close[:-1]
    before[rows.busy[heads(stand.run[rows.end])]] = 0
    for extreme, choose in ((high, np.maximum), (low, np.minimum)):
        choose(extreme, before, out=extreme)
        choose(extreme, close, out=extreme)
    prices = (narrow(column) for column in (before, high, low, close))
    return Candles(rows.moment >> 32, minute_of(rows.moment), *prices)


def _of_the_day(candles: Candles, runs: Runs) -> Candles:
    """Leave out the minute before the day, in which what was held entered."""
    if not runs.position.any():
        return candles
    return candles.rows(candles.minute >= runs.day[candles.series] * DAY)
