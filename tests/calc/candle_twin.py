"""Candles the slow obvious way: one minute after the other, one fill after the other.

Straight from the definitions, in Python's own whole numbers and fractions. It shares no line with
calc. A candle is (minute, open, high, low, close); minutes since 1970, prices in nanopoints.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple

DAY = 1440  # minutes


class Fill(NamedTuple):
    minute: int
    signed: int
    price: int
    fees: int = 0


class Bar(NamedTuple):
    high: int
    low: int
    close: int


class Candle(NamedTuple):
    minute: int
    open: int
    high: int
    low: int
    close: int


class Terms(NamedTuple):
    """What a point of one contract and a unit of its currency are worth on a day."""

    point_value: Fraction
    rate: Fraction


GROSS = None  # instead of terms: points before fees
Bars = Mapping[int, Bar]  # by minute


@dataclass
class Run:
    """One cycle on one day."""

    cycle: int
    day: int
    position: int = 0  # held when the day began, at this mark
    mark: int = 0
    fills: list[Fill] = field(default_factory=list)


def cycles(fills: Iterable[Fill]) -> list[list[Fill]]:
    """Cut one line's fills from flat to flat; one that crosses zero is split, its fee pro rata."""
    made: list[list[Fill]] = []
    position = 0
    for minute, signed, price, fees in fills:
        if position and abs(signed) > abs(position) and (signed > 0) != (position > 0):
            closing = round(Fraction(fees * abs(position), abs(signed)))
            parts = [(-position, closing), (signed + position, fees - closing)]
        else:
            parts = [(signed, fees)]
        for contracts, cost in parts:
            if position == 0:
                made.append([])
            made[-1].append(Fill(minute, contracts, price, cost))
            position += contracts
    return made


def runs(fills: Sequence[Fill], bars: Bars, last_day: int) -> list[Run]:
    """Cut one line's cycles into days; what is still open is held until the last day."""
    made: list[Run] = []
    for number, cycle in enumerate(cycles(fills)):
        position = 0
        first = cycle[0].minute // DAY
        still_open = sum(fill.signed for fill in cycle) != 0
        last = last_day if still_open else cycle[-1].minute // DAY
        for day in range(first, last + 1):
            mine = [fill for fill in cycle if fill.minute // DAY == day]
            mark = mark_before(day, cycle, bars) if day > first else 0
            made.append(Run(number, day, position, mark, mine))
            position += sum(fill.signed for fill in mine)
    return sorted(made, key=lambda run: (run.day, run.cycle))


def mark_before(day: int, cycle: Sequence[Fill], bars: Bars) -> int:
    """Return the last bar's close or fill's price before a day, whichever is later."""
    minutes = [minute for minute in bars if minute < day * DAY]
    fills = [fill for fill in cycle if fill.minute < day * DAY]
    if minutes and max(minutes) >= fills[-1].minute:
        return bars[max(minutes)].close
    return fills[-1].price


def walk(run: Run, bars: Bars, terms: Terms | None) -> list[Candle]:
    """Follow one run through its day, from base 0."""

    def worth(price: int) -> int:
        points = cash + position * price
        if terms is None:
            return points
        usd = round(Fraction(points) * terms.point_value * terms.rate / 1000)
        return usd - round(fees * terms.rate)

    candles: list[Candle] = []
    position, cash, fees, level = run.position, -run.position * run.mark, 0, 0
    waiting = list(run.fills)
    today = {minute for minute in bars if minute // DAY == run.day}
    for minute in sorted(today | {fill.minute for fill in run.fills}):  # others have no candle
        seen: list[int] = []
        bar = bars.get(minute)
        if waiting and waiting[0].minute == minute:
            while waiting and waiting[0].minute == minute:
                fill = waiting.pop(0)
                position += fill.signed
                cash -= fill.signed * fill.price
                fees += fill.fees
                seen.append(worth(fill.price))
            if bar and position:
                seen.append(worth(bar.close))
        elif bar and position:
            seen += [worth(bar.high), worth(bar.low), worth(bar.close)]
        if seen:
            candles.append(Candle(minute, level, max(level, *seen), min(level, *seen), seen[-1]))
            level = seen[-1]
    return candles


def follow(series: Iterable[Sequence[Candle]]) -> list[Candle]:
    """Put series behind each other, each from the level of the last; a shared minute is one."""
    made: list[Candle] = []
    for candles in series:
        level = made[-1].close if made else 0
        for minute, *values in candles:
            opened, high, low, close = (level + value for value in values)
            if made and made[-1].minute == minute:
                before = made.pop()
                opened, high, low = before.open, max(before.high, high), min(before.low, low)
            made.append(Candle(minute, opened, high, low, close))
    return made


def merge(series: Sequence[Sequence[Candle]]) -> list[Candle]:
    """Put series beside each other: an idle one stands at its last close."""
    at = [{candle.minute: candle for candle in candles} for candles in series]
    standing = [0] * len(series)
    made = []
    for minute in sorted({candle.minute for candles in series for candle in candles}):
        active = [n for n in range(len(series)) if minute in at[n]]
        opened = sum(standing)
        others = opened - standing[active[0]]
        for n in active:
            standing[n] = at[n][minute].close
        closed = sum(standing)
        high, low = max(opened, closed), min(opened, closed)
        if len(active) == 1:
            alone = at[active[0]][minute]
            high, low = alone.high + others, alone.low + others
        made.append(Candle(minute, opened, high, low, closed))
    return made


def base(
    own: Sequence[Sequence[Candle]], number: int, is_held: bool, product: Sequence[Candle]
) -> int:
    """Return what run `number` of one line and day starts from in its product.

    own  candles of all runs of that line and day
    """
    if is_held or not own[number]:
        return 0
    minute = own[number][0].minute
    before = [candle.close for candle in product if candle.minute < minute]
    same = [c.close - c.open for run in own[:number] for c in run if c.minute == minute]
    return (before[-1] if before else 0) + sum(same)


def day(candles: Sequence[Candle]) -> tuple[int, int, int]:
    """Return high, low and close of a day that opened at 0."""
    high = max([0, *(candle.high for candle in candles)])
    low = min([0, *(candle.low for candle in candles)])
    return high, low, candles[-1].close


def index(candles: Sequence[Candle]) -> list[Candle]:
    """Return 100 x / M, half to even, M the largest size in the series."""
    most = max((abs(value) for _, *values in candles for value in values), default=0)
    return [
        Candle(minute, *(round(Fraction(100 * value, most)) if most else 0 for value in values))
        for minute, *values in candles
    ]
