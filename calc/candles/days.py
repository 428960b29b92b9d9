"""What is read off minute candles: day candles, excursions of trades, the index."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from calc.candles.columns import Candles, Column, DayCandles, Excursions
from calc.candles.exact import lasts, sizes
from calc.candles.merge import chained
from calc.money import fractions


def days(candles: Candles) -> DayCandles:
    """Return one candle per series: open 0, high and low over its candles and 0, the last close."""
    if not len(candles):
        none = np.zeros(0, np.int64)
        return DayCandles(none, none, none, none)
    begin = candles.starts
    return DayCandles(
        series=candles.series[begin],
        high=np.maximum(np.maximum.reduceat(candles.high, begin), 0),
        low=np.minimum(np.minimum.reduceat(candles.low, begin), 0),
        close=candles.close[lasts(begin, len(candles))],
    )


def excursions(candles: Candles, trade: Column, count: int) -> Excursions:
    """Return the lowest and the highest worth of each trade: MAE and MFE.

    candles  of the runs, as walk gives them
    trade    number of each run's trade, shape (runs,), 0 <= trade < count, ascending: the days of
             a trade follow each other, each starting at the level at which the last one ended
    returns  shape (count,); 0 where there are no candles
    """
    whole = days(chained(candles, trade))
    lowest = np.zeros(count, whole.low.dtype)
    highest = np.zeros(count, whole.high.dtype)
    lowest[whole.series], highest[whole.series] = whole.low, whole.high
    return Excursions(lowest, highest)


def index(candles: Candles) -> Candles:
    """Return 100 x / M half to even, M being the largest size in the series; all 0 where M is 0.

    candles  each series from base 0, gross
    returns  whole numbers -100 .. 100; the same whatever the series is multiplied by
    """
    if not len(candles):
        return candles
    begin = candles.starts
    most = np.maximum(
        np.maximum.reduceat(
            np.maximum(candles.high, np.maximum(candles.open, candles.close)), begin
        ),
        -np.minimum.reduceat(
            np.minimum(candles.low, np.minimum(candles.open, candles.close)), begin
        ),
    )
    most = np.maximum(most, 1).repeat(sizes(begin, len(candles)))
    hundred = np.array([100])
    return replace(
        candles,
        open=fractions(candles.open, hundred, most),
        high=fractions(candles.high, hundred, most),
        low=fractions(candles.low, hundred, most),
        close=fractions(candles.close, hundred, most),
    )
