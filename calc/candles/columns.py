"""What the candle kernel reads and what it answers, as columns of equal length.

A *line* is one account in one contract. Its cycles from flat to flat follow each other and never
overlap; a *run* is one cycle on one UTC day. A minute is told by its start in minutes since 1970.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from calc.candles.exact import heads
from calc.money import MICROS_PER_NANO, ONE, ratio

# int64, or Python ints in an object array where a figure does not fit in 64 bits
Column: TypeAlias = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class Runs:
    """Cycles by day, five columns of shape (runs,), in the order (line, day, time).

    line      one number per (account, contract), ascending, >= 0
    book      the number that the contract has in the bars, >= 0
    day       UTC days since 1970
    position  contracts held when the day began, signed; 0 where the run opens with a fill
    mark      what they were worth then, nanopoints: the running mark; not read where position is 0
    """

    line: Column
    book: Column
    day: Column
    position: Column
    mark: Column

    def __len__(self) -> int:
        return len(self.line)

    @cached_property
    def line_days(self) -> Column:
        """The number of each run's line and day: dense, ascending from 0, shape (runs,)."""
        new = np.zeros(len(self), np.int64)
        new[1:] = (self.line[1:] != self.line[:-1]) | (self.day[1:] != self.day[:-1])
        numbers: Column = new.cumsum()
        return numbers

    def rows(self, chosen: Column | slice) -> Runs:
        """Return some rows, chosen by a mask, by their numbers or from one to another."""
        columns = self.line, self.book, self.day, self.position, self.mark
        return Runs(*(column[chosen] for column in columns))


@dataclass(frozen=True, slots=True, eq=False)
class Fills:
    """Fills, or their parts where one crosses zero; columns (fills,), in the order (run, time).

    run     row of the runs
    minute  minutes since 1970, on the run's day
    signed  contracts, + bought, - sold, never 0
    price   nanopoints (1e-9 points), may be negative
    fees    micro units (1e-6) of the contract's currency, may be negative (rebates)
    """

    run: Column
    minute: Column
    signed: Column
    price: Column
    fees: Column

    def __len__(self) -> int:
        return len(self.run)


@dataclass(frozen=True, slots=True, eq=False)
class Bars:
    """One-minute bars, stamped at their start; columns (bars,), in the order (book, minute).

    book              number of the contract, >= 0
    minute            minutes since 1970, once per book
    high, low, close  nanopoints
    """

    book: Column
    minute: Column
    high: Column
    low: Column
    close: Column

    def __len__(self) -> int:
        return len(self.book)


@dataclass(frozen=True, slots=True, eq=False)
class Rates:
    """What points and fees of each run are in USD: exact fractions > 0, four columns (runs,).

    points_above / points_below  micro-USD per nanopoint and contract
    fees_above / fees_below      micro-USD per micro unit of the contract's currency
    """

    points_above: Column
    points_below: Column
    fees_above: Column
    fees_below: Column

    def __len__(self) -> int:
        return len(self.points_above)

    @classmethod
    def of(cls, terms: Sequence[tuple[Decimal, Decimal]], term: Column) -> Rates:
        """Return the rates of runs that share a few terms.

        terms   (point value, USD per unit of the contract's currency on the day), both > 0
        term    which of them each run has, shape (runs,)
        errors  ValueError: a factor that is not a positive number
        """
        points = [ratio(value, rate, MICROS_PER_NANO) for value, rate in terms]
        fees = [ratio(ONE, rate, ONE) for _, rate in terms]
        table = [[pair[side] for pair in pairs] for pairs in (points, fees) for side in (0, 1)]
        return cls(*(_whole(column)[term] for column in table))


def _whole(numbers: list[int]) -> Column:
    try:
        return np.array(numbers, np.int64)
    except OverflowError:
        return np.array(numbers, object)


@dataclass(frozen=True, eq=False)
class Candles:
    """One-minute candles, columns (candles,), in the order (series, minute).

    series                  number of what they belong to: a run, a line's day, a product's day ...
    minute                  minutes since 1970, once per series
    open, high, low, close  micro-USD; without rates nanopoints x contracts
    """

    series: Column
    minute: Column
    open: Column
    high: Column
    low: Column
    close: Column

    def __len__(self) -> int:
        return len(self.series)

    @property
    def columns(self) -> tuple[Column, ...]:
        return self.series, self.minute, self.open, self.high, self.low, self.close

    @cached_property
    def starts(self) -> Column:
        """The first row of each series."""
        return heads(self.series)

    def starting(self, starts: Column) -> Candles:
        """Return the same candles, whose maker knows where each series starts."""
        self.__dict__["starts"] = starts
        return self

    def rows(self, chosen: Column | slice) -> Candles:
        """Return some rows, chosen by a mask, by their numbers or from one to another."""
        return Candles(*(column[chosen] for column in self.columns))

    @classmethod
    def joined(cls, parts: Sequence[Candles]) -> Candles:
        """Return the rows of one or more parts, one after the other."""
        if len(parts) == 1:
            return parts[0]
        columns = zip(*(part.columns for part in parts), strict=True)
        return cls(*(np.concatenate(column) for column in columns))


@dataclass(frozen=True, slots=True, eq=False)
class DayCandles:
    """One candle per series that has minute candles, columns (days,), by series; opens at 0.

    series            as in the minute candles
    high, low, close  in their unit; high >= 0 >= low
    """

    series: Column
    high: Column
    low: Column
    close: Column

    def __len__(self) -> int:
        return len(self.series)


@dataclass(frozen=True, slots=True, eq=False)
class Excursions:
    """How far each trade went, columns (trades,): lowest <= 0 <= highest, in the candles' unit."""

    lowest: Column
    highest: Column

    def __len__(self) -> int:
        return len(self.lowest)
