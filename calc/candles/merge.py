"""Series of candles beside each other (lines, products) and behind each other (cycles, days)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from calc.candles.columns import Candles, Column, Runs
from calc.candles.exact import SAFE, heads, key, largest, narrow, running, sizes


def merged(candles: Candles, into: Column) -> Candles:
    """Return what several series make together, minute by minute: lines -> products -> all.

    into     group of each series, shape (series,), >= 0
    returns  candles in the order (group, minute), `series` being the group; each group starts at 0

    The level of a group is the sum of close - open of all its candles so far. One series with a
    candle in the minute: its high and low on top of the others' level. Several: their highs need
    not coincide, so high and low are the higher and the lower of open and close.
    """
    if not len(candles):
        return candles
    candles = _roomy(candles)
    moments = key(into[candles.series], candles.minute)
    order = np.argsort(moments, kind="stable")
    moments = moments[order]
    begin = heads(moments)
    alone = sizes(begin, len(moments)) == 1
    opened = candles.open[order]
    made = np.diff(running(candles.close[order] - opened)[np.append(begin, len(moments))])
    rise = (candles.high[order] - opened)[begin]
    fall = (candles.low[order] - opened)[begin]
    group = moments[begin] >> 32
    before = _within(made, group) - made
    return _narrow(
        Candles(
            series=group,
            minute=candles.minute[order][begin],
            open=before,
            high=before + np.where(alone, rise, np.maximum(made, 0)),
            low=before + np.where(alone, fall, np.minimum(made, 0)),
            close=before + made,
        )
    )


def chained(candles: Candles, into: Column) -> Candles:
    """Return series that follow each other as one: each starts where the one before ended.

    into     number of the chain of each series, shape (series,), >= 0, ascending
    returns  candles in the order (chain, minute), `series` being the chain; each chain starts at 0.
             Where one series ends and the next begins in one minute they share a candle: the first
             open, the highest high, the lowest low, the last close.
    errors   ValueError: chains that do not ascend, series of a chain that overlap
    """
    if not len(candles):
        return candles
    candles = _roomy(candles)
    begin = heads(candles.series)
    chain = into[candles.series[begin]]
    count = sizes(begin, len(candles))
    last = begin + count - 1
    made = candles.close[last] - candles.open[begin]
    before = _within(made, chain) - made
    shift = np.repeat(before - candles.open[begin], count)
    moments = key(np.repeat(chain, count), candles.minute)
    if (np.diff(moments) < 0).any():
        raise ValueError("series of a chain overlap, or the chains do not ascend")
    at = heads(moments)
    ends = np.append(at[1:], len(moments)) - 1
    return _narrow(
        Candles(
            series=moments[at] >> 32,
            minute=candles.minute[at],
            open=(candles.open + shift)[at],
            high=np.maximum.reduceat(candles.high + shift, at),
            low=np.minimum.reduceat(candles.low + shift, at),
            close=(candles.close + shift)[ends],
        )
    )


def line_days(runs: Runs) -> Column:
    """Return the number of each run's line and day: dense, ascending from 0, shape (runs,)."""
    new = np.zeros(len(runs), np.int64)
    new[1:] = (np.diff(runs.line) != 0) | (np.diff(runs.day) != 0)
    numbers: Column = np.cumsum(new)
    return numbers


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
    first = heads(candles.series)
    run = candles.series[first]
    wanted = key(into[line[run]], candles.minute[first])
    at = np.searchsorted(key(products.series, products.minute), wanted) - 1
    level = np.where(products.series[at] == wanted >> 32, products.close[at], 0)
    level[at < 0] = 0

    made = running(candles.close - candles.open)
    minutes = heads(key(line[candles.series], candles.minute))
    of_minute = minutes[np.searchsorted(minutes, first, side="right") - 1]
    base[run] = level + made[first] - made[of_minute]
    base[runs.position != 0] = 0
    return base


def carried(candles: Candles, base: Column) -> Candles:
    """Return the candles moved to where their series starts; base of shape (series,)."""
    shift = base[candles.series]
    if largest(shift) >= SAFE:  # the candles' own figures stay below
        shift = shift.astype(object)
    return replace(
        candles,
        open=candles.open + shift,
        high=candles.high + shift,
        low=candles.low + shift,
        close=candles.close + shift,
    )


def _within(made: Column, group: Column) -> Column:
    """Return the sums within each group up to and with each row; groups ascend."""
    begin = heads(group)
    sums = running(made)
    totals: Column = sums[1:] - np.repeat(sums[begin], sizes(begin, len(made)))
    return totals


def _roomy(candles: Candles) -> Candles:
    """Return the candles as Python ints if sums of them could leave 64 bits."""
    most = max(largest(candles.high), largest(candles.low))
    if most * len(candles) < SAFE / 8:
        return candles
    moves = np.abs(candles.close.astype(float) - candles.open.astype(float)).sum()
    if moves + 4 * most < SAFE / 2:
        return candles
    return _money(candles, object)


def _narrow(candles: Candles) -> Candles:
    return replace(
        candles,
        open=narrow(candles.open),
        high=narrow(candles.high),
        low=narrow(candles.low),
        close=narrow(candles.close),
    )


def _money(candles: Candles, kind: type) -> Candles:
    return replace(
        candles,
        open=candles.open.astype(kind),
        high=candles.high.astype(kind),
        low=candles.low.astype(kind),
        close=candles.close.astype(kind),
    )
