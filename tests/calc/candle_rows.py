"""Runs, fills and bars written as rows, and candles read as a table."""

from __future__ import annotations

from decimal import Decimal

import numpy as np

from calc.candles import Bars, Candles, Fills, Rates, Runs
from tests.calc.candle_twin import DAY
from tests.calc.candle_worlds import by_series, column

TODAY = 20_000
NONE = column([])


def minute(clock: str, day: int = TODAY) -> int:
    hours, minutes = clock.split(":")
    return day * DAY + int(hours) * 60 + int(minutes)


def nano(*points) -> np.ndarray:
    return column(int(Decimal(str(value)) * 10**9) for value in points)


def runs_of(*rows) -> Runs:
    """Rows of (line, book, day, position, mark in points)."""
    line, book, day, position, mark = zip(*rows, strict=True)
    return Runs(column(line), column(book), column(day), column(position), nano(*mark))


def fills_of(*rows) -> Fills:
    """Rows of (run, minute, signed, price in points)."""
    run, at, signed, price = zip(*rows, strict=True)
    return Fills(column(run), column(at), column(signed), nano(*price), column([0] * len(rows)))


def bars_of(*rows) -> Bars:
    """Rows of (book, minute, high, low, close in points)."""
    book, at, *prices = zip(*rows, strict=True) if rows else [[]] * 5
    return Bars(column(book), column(at), *(nano(*price) for price in prices))


def usd(runs: Runs, *values: int) -> Rates:
    """Point values by book; a unit of the currency is a USD."""
    return Rates.of([(Decimal(value), Decimal(1)) for value in values], runs.book)


def table(candles: Candles, series: int = 0) -> list[tuple[str, float, float, float, float]]:
    rows = by_series(candles, len(candles))[series]
    return [
        (f"{c.minute % DAY // 60:02}:{c.minute % 60:02}", *(value / 1e6 for value in c[1:]))
        for c in rows
    ]
