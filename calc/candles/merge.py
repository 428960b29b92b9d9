"""Series of candles beside each other (lines, products) and behind each other (cycles, days)."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from calc.candles.columns import Candles, Column, Runs
from calc.candles.exact import (
    CHUNK,
    MOST_NUMBER,
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


def merged(candles: Candles, into: Column) -> Candles:
    """Return what several series make together, minute by minute: lines -> products -> all.

    into     group of each series, shape (series,), within 0 and 2**31
    returns  candles in the order (group, minute), `series` being the group; each group starts at 0

    The level of a group is the sum of close - open of all its candles so far. One series with a
    candle in the minute: its high and low on top of the others' level. Several: their highs need
    not coincide, so high and low are the higher and the lower of open and close.
    """
    if not len(candles):
        return candles
    begin = candles.starts
    count = sizes(begin, len(candles))
    group = into[candles.series[begin]]
    if not (some(group[1:] <= group[:-1]) or some(candles.open[begin])):  # as they are
        return replace(candles, series=group.repeat(count)).starting(begin)
    candles = _roomy(candles)
    if len(candles) <= CHUNK:
        return _narrow(_merged(candles, group, begin, count))
    if not some(group[1:] <= group[:-1]):
        return _narrow(_moved(candles, group, -candles.open[begin], count))
    order = group.argsort(kind="stable")
    group, begin, count = group[order], begin[order], count[order]
    whole = np.append(heads(group), len(group))  # no group is cut
    edges = running(count)
    made = []
    for start, stop in pairwise(whole[cuts(np.diff(edges[whole]))].tolist()):
        mine = slice(start, stop)
        first = edges[mine] - edges[start]
        rows = np.arange(edges[stop] - edges[start]) + (begin[mine] - first).repeat(count[mine])
        made.append(_merged(candles.rows(rows), group[mine], first, count[mine]))
    return _narrow(Candles.joined(made))


def _merged(candles: Candles, group: Column, begin: Column, count: Column) -> Candles:
    """Return what a chunk of series makes; group, first row and rows of each of them."""
    if not some(group[1:] <= group[:-1]):  # nothing to merge
        return _moved(candles, group, -candles.open[begin], count)
    at = _minutes(candles, group, begin, count)
    active = np.bincount(at.slot, minlength=at.room)
    used = active.nonzero()[0]
    made = np.zeros(at.room, candles.close.dtype)
    np.add.at(made, at.slot, candles.close - candles.open)
    made = made.take(used)

    first = used.searchsorted(at.edges)  # row of each group's first candle
    length = first[1:] - first[:-1]
    sums = running(made)
    before = sums[:-1] - sums[first[:-1]].repeat(length)
    after = before + made
    high, low = np.maximum(before, after), np.minimum(before, after)
    own = (active == 1).take(at.slot).nonzero()[0]  # candles alone in their minutes
    alone = used.searchsorted(at.slot[own])
    opened = before[alone] - candles.open[own]
    high[alone], low[alone] = opened + candles.high[own], opened + candles.low[own]
    minute = used - (at.edges[:-1] - at.since).repeat(length)
    series = at.group.repeat(length)
    return Candles(series, minute, before, high, low, after).starting(first[:-1])


class _Minutes(NamedTuple):
    """A slot for every minute from the first to the last of each group."""

    group: Column  # ascending, shape (groups,)
    since: Column  # first minute of each
    edges: Column  # first slot of each and the end of all, shape (groups + 1,)
    slot: Column  # of each candle

    @property
    def room(self) -> int:
        return int(self.edges[-1])


def _minutes(candles: Candles, group: Column, begin: Column, count: Column) -> _Minutes:
    first, last = candles.minute[begin], candles.minute[begin + count - 1]
    if not some(group != group[0]):  # as in a day of all products
        earliest = first.min(keepdims=True)
        edges = np.array([0, last.max() - earliest[0] + 1])
        return _Minutes(group[:1], earliest, edges, candles.minute - earliest)
    groups, number = np.unique(group, return_inverse=True)
    since = np.full(len(groups), MOST_NUMBER)
    until = np.zeros(len(groups), np.int64)
    np.minimum.at(since, number, first)
    np.maximum.at(until, number, last)
    edges = running(until - since + 1)
    slot = candles.minute + (edges[:-1] - since)[number].repeat(count)
    return _Minutes(groups, since, edges, slot)


def chained(candles: Candles, into: Column) -> Candles:
    """Return series that follow each other as one: each starts where the one before ended.

    into     number of the chain of each series, shape (series,), ascending
    returns  candles in the order (chain, minute), `series` being the chain; each chain starts at 0.
             Where one series ends and the next begins in one minute they share a candle: the first
             open, the highest high, the lowest low, the last close.
    errors   ValueError: chains that do not ascend, series of a chain that overlap
    """
    if not len(candles):
        return candles
    begin = candles.starts
    candles = _roomy(candles)
    count = sizes(begin, len(candles))
    last = begin + count - 1
    chain = into[candles.series[begin]]
    same = chain[1:] == chain[:-1]
    gap = candles.minute[begin[1:]] - candles.minute[last[:-1]]
    if some(chain[1:] < chain[:-1]) or some(same & (gap < 0)):
        raise ValueError("series of a chain overlap, or the chains do not ascend")
    opened = candles.open[begin]
    made = candles.close[last] - opened
    first = heads(chain)
    before = running(made)[:-1]
    before -= before[first].repeat(sizes(first, len(chain)))
    whole = _moved(candles, chain, before - opened, count)
    shared, first = begin[1:][same & (gap == 0)], begin[first]
    if len(shared):
        whole, first = _joined(whole, shared), first - shared.searchsorted(first)
    return _narrow(whole).starting(first)


def _joined(candles: Candles, shared: Column) -> Candles:
    """Return the candles without the rows `shared`, which went into the row before each."""
    gone = np.arange(len(shared))  # of them before each
    step = np.ones(len(candles) - len(shared) + 1, np.int64)
    np.add.at(step, shared - gone, 1)
    kept = step.cumsum()[:-1] - 1
    into = shared - gone - 1
    rest = Candles(*(column.take(kept) for column in candles.columns))
    np.maximum.at(rest.high, into, candles.high[shared])
    np.minimum.at(rest.low, into, candles.low[shared])
    rest.close[into] = candles.close[shared]  # of several the last one stands
    return rest


def _moved(candles: Candles, series: Column, shift: Column, count: Column) -> Candles:
    """Return the candles under other numbers and at other levels, both one per series."""
    prices = list(candles.columns[2:])
    if some(shift):
        by = shift.repeat(count)
        prices = [price + by for price in prices]
    return Candles(series.repeat(count), candles.minute, *prices)


def line_days(runs: Runs) -> Column:
    """Return the number of each run's line and day: dense, ascending from 0, shape (runs,)."""
    return runs.line_days


def lines(candles: Candles, runs: Runs) -> Candles:
    """Return the candles of each line and day, its runs chained; `series` as in line_days.

    candles  of the runs, as walk gives them
    """
    return chained(candles, line_days(runs))


def bases(candles: Candles, runs: Runs, products: Candles, into: Column) -> Column:
    """Return the level of its product that each run starts from (carried forward).

    candles   of the runs, as walk gives them
    products  merged(lines(candles, runs), into)
    into      the product's day of each line's day, shape (line days,)
    returns   shape (runs,); 0 for a run that was held when the day began, and without candles

    It is the product's level when the minute of the first candle begins, and what earlier runs of
    the same line made within that minute.
    """
    base = np.zeros(len(runs), products.close.dtype)
    if not len(candles):
        return base
    line = line_days(runs)
    first = candles.starts
    run = candles.series[first]
    wanted = key(into[line[run]], candles.minute[first])
    at = key(products.series, products.minute).searchsorted(wanted) - 1
    level = np.where(products.series[at] == wanted >> 32, products.close[at], 0)
    level[at < 0] = 0

    base[run] = level + _made_before(candles, line, first)
    base[runs.position != 0] = 0
    return base


def _made_before(candles: Candles, line: Column, first: Column) -> Column:
    """Return what earlier runs of its line made in the minute of each run's first candle.

    It is what they made in their last minutes, where that is the same; minutes of a line ascend.
    """
    last = lasts(first, len(candles))
    of = line[candles.series[first]]
    made = running(candles.close[last] - candles.open[last])
    earliest = key(of, candles.minute[last]).searchsorted(key(of, candles.minute[first]))
    before: Column = made[:-1] - made[earliest]
    return before


def carried(candles: Candles, base: Column) -> Candles:
    """Return the candles moved to where their series starts; base of shape (series,)."""
    if largest(base) >= SAFE:  # the candles' own figures stay below
        base = base.astype(object)
    begin = candles.starts
    shift = base[candles.series[begin]].repeat(sizes(begin, len(candles)))
    series, minute, *prices = candles.columns
    return Candles(series, minute, *(price + shift for price in prices))


def _roomy(candles: Candles) -> Candles:
    """Return the candles as Python ints if sums of them could leave 64 bits."""
    highest, lowest = np.maximum.reduce(candles.high), np.minimum.reduce(candles.low)
    most = max(float(highest), -float(lowest))  # the others lie between
    if most * len(candles) < SAFE / 8:
        return candles
    moves = np.abs(candles.close.astype(float) - candles.open.astype(float)).sum()
    if moves + 4 * most < SAFE / 2:
        return candles
    series, minute, *prices = candles.columns
    return Candles(series, minute, *(price.astype(object) for price in prices))


def _narrow(candles: Candles) -> Candles:
    series, minute, *prices = candles.columns
    if object not in [price.dtype for price in prices]:
        return candles
    return Candles(series, minute, *(narrow(price) for price in prices))
