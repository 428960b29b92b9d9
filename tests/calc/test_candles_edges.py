"""What candles do at the edges: the index, terms of many decimals, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from calc.candles import Candles, Rates, chained, index, lines, walk
from tests.calc import candle_twin as twin
from tests.calc.candle_rows import NONE, TODAY, bars_of, fills_of, minute, runs_of, usd
from tests.calc.candle_twin import DAY
from tests.calc.candle_worlds import by_series, column


def test_terms_of_many_decimals_are_exact():
    value, rate = Decimal("0.01"), Decimal("0.00072481357913579135791357913")
    runs = runs_of((0, 0, TODAY, 0, 0))
    fills = fills_of((0, minute("10:00"), 3, 9_999), (0, minute("10:01"), -3, "0.1"))
    fills = replace(fills, fees=column([77, -78]))
    slow = twin.walk(
        twin.Run(
            0,
            TODAY,
            fills=[
                twin.Fill(minute("10:00"), 3, 9_999 * 10**9, 77),
                twin.Fill(minute("10:01"), -3, 10**8, -78),
            ],
        ),
        {},
        twin.Terms(Fraction(value), Fraction(rate)),
    )
    assert by_series(walk(runs, fills, bars_of(), Rates.of([(value, rate)], runs.book)), 1) == [
        slow
    ]


def series_of(*levels) -> Candles:
    closes = column(levels)
    opens = np.append(0, closes[:-1])
    high, low = np.maximum(opens, closes), np.minimum(opens, closes)
    return Candles(0 * closes, np.arange(len(closes)), opens, high, low, closes)


@pytest.mark.parametrize(
    ("closes", "told"),
    [
        ((5, 15, 25, -35, 200, -1000), (0, 2, 2, -4, 20, -100)),  # halves go to the even side
        ((0, 0), (0, 0)),
        ((-(2**61), 2**61 - 1), (-100, 100)),
        ((1,), (100,)),
    ],
)
def test_the_index_is_rounded_half_to_even(closes, told):
    assert index(series_of(*closes)).close.tolist() == list(told)


def test_the_index_of_python_ints():
    candles = series_of(1, 3)
    names = ("open", "high", "low", "close")
    larger = {name: getattr(candles, name).astype(object) * 10**30 for name in names}
    assert index(replace(candles, **larger)).close.tolist() == [33, 100]


RUN, FILL, BAR = (0, 0, TODAY, 0, 0), (0, minute("10:00"), 1, 5), (0, minute("10:00"), 5, 4, 5)
OUT = (0, minute("10:02"), -1, 5)


@pytest.mark.parametrize(
    ("runs", "fills", "bars", "sentence"),
    [
        ([(1, *RUN[1:]), RUN], [FILL, (1, *FILL[1:])], [BAR], "order of line and day"),
        ([(-1, *RUN[1:])], [FILL], [BAR], "line of the runs is not within"),
        ([(0, 2**31, *RUN[2:])], [FILL], [BAR], "book of the runs is not within"),
        ([RUN, (0, 0, TODAY, 1, 5)], [FILL, OUT], [BAR], "not its line's first"),
        ([RUN, RUN], [FILL], [BAR], "neither holds nor trades"),
        ([RUN], [(1, *FILL[1:])], [BAR], "a run that is not there"),
        ([RUN], [(0, minute("10:00") + DAY, 1, 5)], [BAR], "another day"),
        ([RUN], [OUT, FILL], [BAR], "order of run and minute"),
        ([RUN], [(0, minute("10:00"), 0, 5)], [BAR], "0 contracts"),
        ([RUN], [FILL, OUT, OUT], [BAR], "goes on after it was flat"),
        ([RUN], [FILL, (0, minute("10:02"), -2, 5)], [BAR], "crosses zero"),
        ([(0, 0, TODAY, 1, 5)], [(0, minute("10:02"), -2, 5)], [BAR], "crosses zero"),
        ([RUN], [FILL], [BAR, BAR], "order of book and minute"),
        ([RUN], [FILL], [(1, *BAR[1:]), BAR], "order of book and minute"),
        ([RUN], [FILL], [(-1, *BAR[1:])], "book of the bars is not within"),
    ],
)
def test_refuses_rows_that_are_out_of_order_or_place(runs, fills, bars, sentence):
    with pytest.raises(ValueError, match=sentence):
        walk(runs_of(*runs), fills_of(*fills), bars_of(*bars))


def test_refuses_columns_that_do_not_belong_together():
    runs, fills, bars = runs_of(RUN), fills_of(FILL), bars_of(BAR)
    with pytest.raises(ValueError, match="columns of the fills differ in length"):
        walk(runs, replace(fills, price=NONE), bars)
    with pytest.raises(ValueError, match="close of the bars must hold whole numbers"):
        walk(runs, fills, replace(bars, close=bars.close / 2))
    with pytest.raises(ValueError, match="day of the runs must be a flat column"):
        walk(replace(runs, day=runs.day.reshape(1, 1)), fills, bars)
    with pytest.raises(ValueError, match="one row per run"):
        walk(runs, fills, bars, usd(replace(runs, book=column([0, 0])), 50))
    with pytest.raises(ValueError, match="not a positive number"):
        usd(runs, 0)


def test_refuses_chains_that_overlap():
    runs = runs_of(RUN, RUN)
    fills = fills_of(FILL, OUT, (1, *FILL[1:]))
    candles = walk(runs, fills, bars_of())
    with pytest.raises(ValueError, match="overlap"):
        lines(candles, runs)
    with pytest.raises(ValueError, match="do not ascend"):
        chained(candles, column([1, 0]))
