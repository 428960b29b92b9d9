"""Desks of ten that trade at random on prices that everybody knows, and ways to tell of it.

Prices are whole ticks, one a minute with its high and low. What a trade makes is its number of
contracts times what one contract makes; the number is drawn from the desk's habits, and it is the
one thing about a trade that is secret. Attackers
get the rest from `Deal.one` and `Deal.ticks`, exactly: more than public bars tell of a trade.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, lru_cache
from typing import Any
from uuid import UUID

from comparative.queries.top_intraday import Shape, for_viewer
from comparative.serializers import SeriesOut
from comparative.veil import indexed
from ledger.candles.words import Minutes

TRADERS, DAYS, SHOWN, VIEWER = 10, 2, 5, 0
START = datetime(2026, 3, 2, 14, tzinfo=UTC)
TICK_USD = {"ES": 12.5, "CL": 10.0, "GC": 10.0}
FEE = 4.5  # USD a contract, in and out
SPREAD = 0.5
# How often somebody of the desk trades so many contracts.
HABITS = {1: 0.3, 2: 0.22, 3: 0.14, 4: 0.09, 5: 0.11, 6: 0.04, 8: 0.03, 10: 0.05, 20: 0.02}

Row = dict[str, Any]
Ticks = tuple[tuple[int, int, int, int], ...]
Design = Callable[..., list[Row]]  # (day, chance, limit=, viewer=)


@dataclass(frozen=True)
class Deal:
    """A closed trade; `ticks` are the candles of one contract, from 0."""

    id: UUID
    trader: int
    product: str
    opened_at: datetime
    closed_at: datetime
    ticks: Ticks
    lots: int

    @property
    def one(self) -> float:
        """Return what one contract made, USD, net."""
        return self.ticks[-1][3] * TICK_USD[self.product] - FEE

    @property
    def usd(self) -> float:
        return self.lots * self.one

    @property
    def minutes(self) -> tuple[int, ...]:
        first = int(self.opened_at.replace(second=0).timestamp())
        return tuple(first + 60 * n for n in range(len(self.ticks)))

    def gross(self, lots: int) -> Minutes:
        """Return the gross candles of so many contracts; nanopoints or not makes no difference."""
        return Minutes(
            self.minutes, *(tuple(lots * x for x in line) for line in zip(*self.ticks, strict=True))
        )

    def dollars(self) -> list[list[float]]:
        """Return open, high, low and close of each minute, gross USD."""
        rate = self.lots * TICK_USD[self.product]
        return [[rate * figure for figure in candle] for candle in self.ticks]

    def told(self, candles: Any) -> Row:
        """Return a row as the endpoint shapes it, with other figures."""
        names = ("open", "high", "low", "close")
        return {
            "id": str(self.id)[:8],
            "key": (self.product, self.opened_at),
            "is_own": self.trader == VIEWER,
            "candles": [dict(zip(names, candle, strict=True)) for candle in candles],
        }


@dataclass(frozen=True)
class Day:
    """What a desk closed on one day."""

    day: date
    deals: tuple[Deal, ...]

    @property
    def best(self) -> list[Deal]:
        """Return the winners, the best first."""
        return sorted((one for one in self.deals if one.usd > 0), key=lambda one: -one.usd)

    @cached_property
    def shapes(self) -> list[Shape]:
        """Return what the endpoint keeps of the best."""
        best = self.best[:SHOWN]
        candles = indexed({deal.id: deal.gross(deal.lots) for deal in best})
        return [
            Shape(
                deal.id, deal.trader, deal.product, deal.opened_at, deal.closed_at,
                candles[deal.id],
            )
            for deal in best
        ]  # fmt: skip


@dataclass(frozen=True)
class Desk:
    """Ten traders; `seed` makes whatever is random about how it is told."""

    days: tuple[Day, ...]
    seed: int

    @cached_property
    def deals(self) -> dict[Any, Deal]:
        """Return all trades by product and opening, as a row names them."""
        return {(one.product, one.opened_at): one for day in self.days for one in day.deals}


def desks(number: int, seed: int) -> Iterator[Desk]:
    chance = random.Random(seed)
    for n in range(number):
        days = (START.date() + timedelta(days=day) for day in range(DAYS))
        yield Desk(tuple(Day(day, _deals(chance, day)) for day in days), seed=n)


def _deals(chance: random.Random, day: date) -> tuple[Deal, ...]:
    traders = [trader for trader in range(TRADERS) for _ in range(chance.choice((1, 2)))]
    seconds = chance.sample(range(3600), len(traders))
    start = datetime(day.year, day.month, day.day, 14, tzinfo=UTC)
    return tuple(
        _deal(chance, trader, start + timedelta(seconds=second))
        for trader, second in zip(traders, seconds, strict=True)
    )


def _deal(chance: random.Random, trader: int, opened: datetime) -> Deal:
    length = chance.randint(3, 25)
    return Deal(
        id=UUID(int=chance.getrandbits(128)),
        trader=trader,
        product=chance.choice(tuple(TICK_USD)),
        opened_at=opened,
        closed_at=opened.replace(second=59) + timedelta(minutes=length - 1),
        ticks=_ticks(chance, length),
        lots=chance.choices(tuple(HABITS), tuple(HABITS.values()))[0],
    )


def _ticks(chance: random.Random, length: int) -> Ticks:
    candles, last = [], 0
    for _ in range(length):
        close = last + chance.randint(-12, 12)
        high = max(last, close) + chance.randint(0, 4)
        candles.append((last, high, min(last, close) - chance.randint(0, 4), close))
        last = close
    return tuple(candles)


def of_size(deal: Deal, lots: int) -> Deal:
    return replace(deal, lots=lots)


# -- ours -------------------------------------------------------------------------------------
def ours(day: Day, chance: random.Random, *, viewer: int = 77, **ignored: Any) -> list[Row]:
    """Tell a day through the very functions of the endpoint."""
    rows: Any = SeriesOut(
        for_viewer(day.shapes, day=day.day, own=(VIEWER,), viewer=viewer), many=True
    )
    return [
        {**row, "key": (row["product"], datetime.fromisoformat(row["opened_at"]))}
        for row in rows.data
    ]


# -- what was not taken, each for the reason that its attacker shows ----------------------------
def largest_of_the_answer(day: Day, chance: random.Random, **_: Any) -> list[Row]:
    """One scale for all of an answer."""
    best = day.best[:SHOWN]
    most = max((abs(x) for one in best for c in one.dollars() for x in c), default=1)
    return _told(best, lambda x: round(100 * x / most))


def secret_scale(day: Day, chance: random.Random, **_: Any) -> list[Row]:
    """One secret scale for a viewer and a period, the own trade left out."""
    scale = chance.uniform(0.01, 0.1)
    others = [one for one in day.best if one.trader != VIEWER][:SHOWN]
    return _told(others, lambda x: round(scale * x, 2))


def fresh_noise(day: Day, chance: random.Random, *, again: int = 0, **_: Any) -> list[Row]:
    """A fifth more or less, anew for each figure of each request."""
    noise = random.Random(f"{day.day}{chance.random()}{again}")
    return _told(day.best[:SHOWN], lambda x: round(x * noise.gauss(1, 0.2), 2))


def buckets(day: Day, chance: random.Random, **_: Any) -> list[Row]:
    """Powers of two in the place of dollars."""
    return _told(day.best[:SHOWN], bucket)


def bucket(usd: float) -> int:
    return 2 ** (int(usd).bit_length() - 1) if usd >= 1 else 0


def in_order(day: Day, chance: random.Random, **_: Any) -> list[Row]:
    """The index, the best trade first."""
    return [one.told(_index(one)) for one in day.best[:SHOWN]]


def keyed_factor(day: Day, chance: random.Random, **_: Any) -> list[Row]:
    """Dollars times a factor of its own for each trade."""
    rows = []
    for one in day.best[:SHOWN]:
        factor = random.Random(one.id.int).lognormvariate(0, SPREAD)
        rows += _told([one], lambda x, factor=factor: round(factor * x, 2))
    return _by_name(rows)


def as_many_as_asked_for(
    day: Day, chance: random.Random, *, limit: int = SHOWN, **_: Any
) -> list[Row]:
    """The index without order, and `limit` for everybody."""
    return _by_name([one.told(_index(one)) for one in day.best[:limit]])


def _told(deals: list[Deal], figure: Callable[..., float]) -> list[Row]:
    return _by_name(
        [one.told([[figure(x) for x in candle] for candle in one.dollars()]) for one in deals]
    )


def _by_name(rows: list[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: str(row["id"]))


@lru_cache(10_000)
def _index(deal: Deal) -> list[tuple[int, ...]]:
    (one,) = indexed({deal.id: deal.gross(deal.lots)}).values()
    return list(zip(one.open, one.high, one.low, one.close, strict=True))
