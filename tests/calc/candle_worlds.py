"""Small worlds of lines and bars for the candle tests, and the kernel's columns of them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np
from hypothesis import strategies as st

from calc.candles import Bars, Candles, Fills, Rates, Runs
from tests.calc import candle_twin as twin
from tests.calc.candle_twin import DAY, Bar, Candle, Fill, Run, Terms

FIRST, LAST = 100, 103  # days
MINUTES = [0, 1, 2, 3, 4, 700, 701, 1438, 1439]
MOMENTS = [day * DAY + minute for day in range(FIRST, LAST + 1) for minute in MINUTES]

PRICES = st.one_of(
    st.integers(-5, 5),
    st.integers(-40, 40).map(lambda ticks: ticks * 250_000_000),
    st.integers(-(10**14), 10**14),
)
SIGNED = st.sampled_from([-1, 1, -1, 1, -2, 2, -3, 3, -7, 500])
FEES = st.one_of(st.just(0), st.integers(-3_000_000, 5_000_000))
FACTORS = ("50", "12.5", "1000", "0.01", "31.25")
RATES = ("1", "1.08345", "0.0067123457", "1.5")
ANY_INT64 = st.integers(-(2**63), 2**63 - 1)
HUGE = st.builds(lambda size, side: size * side, st.integers(1, 2**62), st.sampled_from([-1, 1]))


@dataclass
class World:
    """Lines with the contract of each, contracts with the product of each, and what they cost."""

    lines: list[list[Fill]]
    contract: list[int]  # of each line
    product: list[int]  # of each contract
    bars: list[dict[int, Bar]]  # of each contract
    terms: dict[tuple[int, int], tuple[Decimal, Decimal]]  # of contract and day

    def runs(self) -> list[tuple[int, Run]]:
        """Return (line, run) in the kernel's order."""
        return [
            (line, run)
            for line, fills in enumerate(self.lines)
            for run in twin.runs(fills, self.bars[self.contract[line]], LAST)
        ]


@st.composite
def worlds(draw, /, signed=SIGNED, price=PRICES, fees=FEES, most=12):
    contracts = draw(st.integers(1, 3))
    product = [draw(st.integers(0, 1)) for _ in range(contracts)]
    contract = draw(st.lists(st.integers(0, contracts - 1), min_size=1, max_size=4))
    fill = st.builds(Fill, st.sampled_from(MOMENTS), signed, price, fees)
    lines = [draw(st.lists(fill, max_size=most)) for _ in contract]
    bar = st.tuples(price, price, price)
    bars = [
        {
            minute: Bar(max(prices), min(prices), prices[0])
            for minute, prices in draw(st.dictionaries(st.sampled_from(MOMENTS), bar)).items()
        }
        for _ in range(contracts)
    ]
    terms = {
        (number, day): (
            Decimal(draw(st.sampled_from(FACTORS))),
            Decimal(draw(st.sampled_from(RATES))),
        )
        for number in range(contracts)
        for day in range(FIRST, LAST + 1)
    }
    ordered = [sorted(fills, key=lambda fill: fill.minute) for fills in lines]
    return World(ordered, contract, product, bars, terms)


def column(values) -> np.ndarray:
    return np.array(list(values), np.int64)


def run_columns(world: World) -> tuple[Runs, Fills, Bars]:
    listed = world.runs()
    runs = Runs(
        line=column(line for line, _ in listed),
        book=column(world.contract[line] for line, _ in listed),
        day=column(run.day for _, run in listed),
        position=column(run.position for _, run in listed),
        mark=column(run.mark for _, run in listed),
    )
    rows = [(n, *fill) for n, (_, run) in enumerate(listed) for fill in run.fills]
    fills = Fills(*(column(values) for values in (zip(*rows, strict=True) if rows else [[]] * 5)))
    return runs, fills, bar_columns(world.bars)


def bar_columns(books) -> Bars:
    rows = [
        (n, minute, *books[n][minute]) for n in range(len(books)) for minute in sorted(books[n])
    ]
    return Bars(*(column(values) for values in (zip(*rows, strict=True) if rows else [[]] * 5)))


def rates_of(world: World) -> Rates:
    """Return the rates of the runs, of distinct terms."""
    keys = [(world.contract[line], run.day) for line, run in world.runs()]
    distinct = list(world.terms)
    return Rates.of([world.terms[k] for k in distinct], column(distinct.index(k) for k in keys))


def terms_of(world: World, line: int, run: Run) -> Terms:
    value, rate = world.terms[world.contract[line], run.day]
    return Terms(Fraction(value), Fraction(rate))


def by_series(candles: Candles, count: int) -> list[list[Candle]]:
    """Return the kernel's candles in the twin's words, one list per series."""
    made: list[list[Candle]] = [[] for _ in range(count)]
    names = ("minute", "open", "high", "low", "close")
    rows = zip(*(getattr(candles, name).tolist() for name in names), strict=True)
    for series, row in zip(candles.series.tolist(), rows, strict=True):
        made[series].append(Candle(*row))
    return made
