"""Candles once more, from the definitions alone: one minute after the other, in fractions.

What was traded comes as the cycles of `book`; bars are told by contract and minute. A candle is
[open, high, low, close] in USD, and a series of them stands under its minutes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from typing import Any

from tests.oracles.book import Cycle, Rate, half_even, instant

Prices = tuple[Fraction, Fraction, Fraction]  # high, low, close
Bars = Mapping[str, Mapping[datetime, Prices]]  # by contract and minute
Series = dict[datetime, list[Fraction]]
NOTHING = Fraction(0)


@dataclass
class Piece:
    """A cycle's part of a day: where it starts, and its candles."""

    cycle: Cycle
    base: Fraction
    candles: Series

    @property
    def shown(self) -> Series:
        return {minute: [self.base + x for x in four] for minute, four in self.candles.items()}


@dataclass
class Day:
    """All that happened on a day: pieces by product, the products' candles, and all together."""

    pieces: dict[str, list[Piece]] = field(default_factory=dict)
    products: dict[str, Series] = field(default_factory=dict)
    total: Series = field(default_factory=dict)
    barred: set[str] = field(default_factory=set)  # products with a bar


def the_day(cycles: Iterable[Cycle], bars: Bars, rate: Rate, day: date) -> Day:
    """Draw a UTC day of some accounts; their closed and their open cycles."""
    lines: dict[Any, list[Piece]] = defaultdict(list)
    found = Day()
    for cycle in sorted(cycles, key=lambda one: one.first.place):
        ended = cycle.last.day if not cycle.held else date.max
        if cycle.first.day <= day <= ended:
            market = cycle.market
            piece = Piece(cycle, NOTHING, _walk(cycle, bars, rate, day))
            lines[cycle.account, market.contract].append(piece)
            found.pieces.setdefault(market.product, []).append(piece)
            if any(minute.date() == day for minute in bars.get(market.contract, {})):
                found.barred.add(market.product)
    for product, pieces in found.pieces.items():
        own = {key: line for key, line in lines.items() if line[0] in pieces}
        found.products[product] = beside([behind(line) for line in own.values()])
        for line in own.values():
            for number, piece in enumerate(line):
                piece.base = _base(line, number, found.products[product], day)
    found.total = beside(list(found.products.values()))
    return found


def _walk(cycle: Cycle, bars: Bars, rate: Rate, day: date) -> Series:
    """Follow a cycle through a day from 0, at the rate of the day, to the millionth."""
    market, usd = cycle.market, rate(cycle.market.currency, day)
    parts = [
        (fill, contracts if fill.signed > 0 else -contracts, fees)
        for fill, contracts, fees in cycle.parts
    ]
    known = bars.get(market.contract, {})
    today = [part for part in parts if part[0].day == day]
    position = sum(signed for fill, signed, _ in parts if fill.day < day)
    points = -position * _mark(parts, known, day) if position else NOTHING
    paid = last = NOTHING
    candles: Series = {}
    minutes = {minute for minute in known if minute.date() == day}
    for minute in sorted(minutes | {_minute(fill) for fill, _, _ in today}):
        worth = []
        mine = [part for part in today if _minute(part[0]) == minute]
        prices: list[Fraction] = []
        if minute in known and not mine:
            prices = list(known[minute])
        elif minute in known:
            prices = [known[minute][2]]

        def value(price, points, position, paid):
            gross = half_even((points + position * price) * market.point_value * usd, 6)
            return Fraction(gross) - Fraction(half_even(paid * usd, 6))

        for fill, signed, fees in mine:
            points, position, paid = points - signed * fill.price, position + signed, paid + fees
            worth.append(value(fill.price, points, position, paid))
        if position:
            worth += [value(price, points, position, paid) for price in prices]
        if worth:
            candles[minute] = [last, max(last, *worth), min(last, *worth), worth[-1]]
            last = worth[-1]
    return candles


def _minute(fill) -> datetime:
    return instant(fill.ns).replace(second=0, microsecond=0)


def _mark(parts, known: Mapping[datetime, Prices], day: date) -> Fraction:
    """What the contract was worth at midnight: of the last bar, or of a fill that came later."""
    midnight = datetime.combine(day, time(), UTC)
    fill = [fill for fill, _, _ in parts if fill.day < day][-1]
    before = [minute for minute in known if minute < midnight]
    if before and max(before) >= _minute(fill):
        return known[max(before)][2]
    return fill.price


def behind(line: list[Piece]) -> Series:
    """The cycles of one line, each from where the one before it ended."""
    found: Series = {}
    level = NOTHING
    for piece in line:
        for minute, four in piece.candles.items():
            moved = [level + x for x in four]
            if minute in found:
                first = found[minute]
                moved = [first[0], max(first[1], moved[1]), min(first[2], moved[2]), moved[3]]
            found[minute] = moved
        if piece.candles:
            level += list(piece.candles.values())[-1][3]
    return found


def beside(series: list[Series]) -> Series:
    """Lines or products together; an idle one stands at its last close."""
    found: Series = {}
    stand = [NOTHING] * len(series)
    for minute in sorted(set().union(*series)):
        active = [n for n, one in enumerate(series) if minute in one]
        opened = sum(stand, NOTHING)
        rest = opened - stand[active[0]]
        for n in active:
            stand[n] = series[n][minute][3]
        closed = sum(stand, NOTHING)
        high, low = max(opened, closed), min(opened, closed)
        if len(active) == 1:
            high, low = (rest + x for x in series[active[0]][minute][1:3])
        found[minute] = [opened, high, low, closed]
    return found


def _base(line: list[Piece], number: int, product: Series, day: date) -> Fraction:
    """Where a piece starts: at its product's last close, and at 0 if it was held overnight."""
    piece = line[number]
    if not piece.candles or piece.cycle.first.day < day:
        return NOTHING
    first = min(piece.candles)
    earlier = [four[3] for minute, four in product.items() if minute < first]
    same = [one.candles[first] for one in line[:number] if first in one.candles]
    return (earlier[-1] if earlier else NOTHING) + sum((c[3] - c[0] for c in same), NOTHING)


def of_day(series: Series) -> tuple[Fraction, Fraction, Fraction]:
    """High, low and close of a day that opened at 0."""
    high = max([NOTHING, *(four[1] for four in series.values())])
    low = min([NOTHING, *(four[2] for four in series.values())])
    return high, low, list(series.values())[-1][3] if series else NOTHING


def realized(cycles: Iterable[Cycle], rate: Rate, day: date) -> Fraction:
    """What the fills of a day realised, first in first out, to the millionth of each cycle."""
    found = NOTHING
    for cycle in cycles:
        if day in cycle.fees:
            usd = rate(cycle.market.currency, day)
            found += Fraction(half_even(cycle.gross[day] * usd, 6))
            found -= Fraction(half_even(cycle.fees[day] * usd, 6))
    return found


def days(start: date, end: date) -> list[date]:
    return [start + timedelta(days=n) for n in range((end - start).days + 1)]
