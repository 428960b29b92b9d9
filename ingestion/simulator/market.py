"""The model market: one path per product on which every contract, bar and fill stands.

A path is made of a level per day (a slow pull back to the product's usual price) and of a bridge
between two days in steps of ten seconds, busier in the product's busy hours. Nothing is kept but
a cache: any day can be asked at once, and gives the same prices each time.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from threading import RLock
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from ingestion.simulator import seeds
from ingestion.simulator.listings import Listed, Month
from ingestion.simulator.sessions import MINUTES, offset_minutes, open_minutes

STEP = 10  # seconds
STEPS = 86_400 // STEP
PER_MINUTE = 60 // STEP
FIRST_YEAR = 2012
_PULL = 0.004  # a day
_WEIGHTS = (1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.3)  # of a weekday in what a week moves
_SECOND_SHARE, _TRICKLE = 0.12, 0.02  # of the front month's volume

_EVENLY = np.linspace(0.0, 1.0, STEPS)

Floats = npt.NDArray[np.float64]
Ticks = npt.NDArray[np.int32]


class Recent:
    """The last `size` results by key; safe between threads, each made once."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._kept: dict[Hashable, Any] = {}
        self._lock = RLock()

    def get(self, key: Hashable, make: Callable[[], Any]) -> Any:
        with self._lock:
            found = self._kept.pop(key, None)
            if found is None:
                found = make()
                while len(self._kept) >= self._size:
                    del self._kept[next(iter(self._kept))]
            self._kept[key] = found
            return found


@dataclass(frozen=True, slots=True)
class ContractDay:
    """A contract's UTC day; prices in ticks.

    ticks                      every ten seconds, shape (8640,)
    opens, highs, lows, closes by minute, shape (1440,); high and low hold every tick in between
    volume                     by minute; 0 = no bar, and nobody can trade in that minute
    swing                      how far ten minutes of the busy hours usually carry it, ticks
    """

    ticks: Ticks
    opens: Ticks
    highs: Ticks
    lows: Ticks
    closes: Ticks
    volume: Ticks
    swing: float


class Market(Protocol):
    """What traders need to know of a market."""

    def day(self, contract: Month, day: date) -> ContractDay: ...
    def front(self, product: Listed, day: date) -> Month: ...
    def second(self, product: Listed, day: date) -> Month: ...


class Walk:
    """A value per day that strays from 0 and is pulled back; any day after FIRST_YEAR."""

    def __init__(self, seed: int, name: str, symbol: str, sd: float) -> None:
        self._of = (seed, name, symbol)
        self._sd = sd
        self._values: list[float] = []
        self._year = FIRST_YEAR
        self._first = date(FIRST_YEAR, 1, 1).toordinal()
        self._lock = RLock()

    def at(self, day: date) -> float:
        """Return the value at the end of the day."""
        place = day.toordinal() - self._first
        if place < 0:
            raise ValueError(f"the simulator knows no day before {FIRST_YEAR}: {day}")
        with self._lock:
            while place >= len(self._values):
                self._grow()
            return self._values[place]

    def _grow(self) -> None:
        days = date(self._year, 12, 31).timetuple().tm_yday
        weekday = date(self._year, 1, 1).weekday()
        value = self._values[-1] if self._values else 0.0
        draws = seeds.stream(*self._of, self._year).standard_normal(days) * self._sd
        for number, draw in enumerate(draws.tolist()):
            value += _WEIGHTS[(weekday + number) % 7] * (draw - _PULL * value)
            self._values.append(value)
        self._year += 1


class ModelMarket:
    """Prices from a seed."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._walks: dict[tuple[str, str], Walk] = {}
        self._paths = Recent(200)
        self._days = Recent(500)

    def front(self, product: Listed, day: date) -> Month:
        return product.front(day)

    def second(self, product: Listed, day: date) -> Month:
        return product.second(day)

    def price(self, product: Listed, day: date) -> float:
        """Return the product's price without carry at the end of the day, points."""
        return float(product.level * np.exp(self._level(product).at(day)))

    def day(self, contract: Month, day: date) -> ContractDay:
        """Return the contract's day; the same each time."""
        found: ContractDay = self._days.get((contract.name, day), lambda: self._day(contract, day))
        return found

    def walk(self, name: str, symbol: str, sd: float) -> Walk:
        """Return the walk of that name; `sd` of one day."""
        return self._walks.setdefault((name, symbol), Walk(self.seed, name, symbol, sd))

    def _level(self, product: Listed) -> Walk:
        return self.walk("level", product.underlying, product.volatility / 16)

    def _carry(self, product: Listed, day: date) -> float:
        stray = self.walk("carry", product.underlying, 0.12 * max(0.03, abs(product.carry)))
        return product.carry + stray.at(day)

    def _path(self, product: Listed, day: date) -> Floats:
        """Return the log distance from the usual price, every ten seconds, shape (8640,)."""
        level = self._level(product)
        begin, end = level.at(day - timedelta(days=1)), level.at(day)
        busy = np.repeat(busyness(product, day) * open_minutes(product, day), PER_MINUTE)
        if not busy.any():
            return np.full(STEPS, end)
        drawn = seeds.stream(self.seed, "path", product.underlying, day)
        loudness = float(np.exp(0.25 * drawn.standard_normal()))
        sd = product.volatility / 16 * loudness / np.sqrt(float((busy**2).sum()))
        steps = drawn.standard_normal(STEPS) * busy * sd
        wander = np.cumsum(steps)
        gone = np.cumsum(busy**2)
        gone /= gone[-1]
        path: Floats = begin + wander + gone * (end - begin - wander[-1])
        return path

    def _day(self, contract: Month, day: date) -> ContractDay:
        product = contract.product
        path = self._paths.get((product.underlying, day), lambda: self._path(product, day))
        years = (contract.expires_on - day).days / 365
        begin = self._carry(product, day - timedelta(days=1)) * years
        end = self._carry(product, day) * years
        carry = begin + (end - begin) * _EVENLY
        tick = float(product.tick)
        ticks = np.rint(product.level * np.exp(path + carry) / tick).astype(np.int32)
        np.maximum(ticks, 1, out=ticks)
        drawn = seeds.stream(self.seed, "bars", contract.name, day)
        by_minute = ticks.reshape(MINUTES, PER_MINUTE)
        wiggle = drawn.integers(0, 2, size=(2, MINUTES), dtype=np.int32)
        opened = open_minutes(product, day)
        mean = product.pace * self._volume_share(contract, day) * busyness(product, day) / 2.5
        noisy = mean * np.exp(0.5 * drawn.standard_normal(MINUTES)) + 0.4
        jumps = np.abs(ticks[60::60] - ticks[:-60:60])
        moving = jumps[jumps > 0]
        return ContractDay(
            ticks=ticks,
            opens=by_minute[:, 0],
            highs=_extreme(np.maximum, by_minute) + wiggle[0],
            lows=np.maximum(_extreme(np.minimum, by_minute) - wiggle[1], 1),
            closes=by_minute[:, -1],
            volume=np.where(opened, noisy, 0).astype(np.int32),
            swing=max(2.0, float(moving.mean()) if moving.size else 2.0),
        )

    def _volume_share(self, contract: Month, day: date) -> float:
        if contract == contract.product.front(day):
            return 1.0
        return _SECOND_SHARE if contract == contract.product.second(day) else _TRICKLE


def _extreme(pick: np.ufunc, by_minute: Ticks) -> Ticks:
    """Return the highest or lowest of each row; faster by columns than along a short axis."""
    found = by_minute[:, 0].copy()
    for step in range(1, PER_MINUTE):
        pick(found, by_minute[:, step], out=found)
    return found


def busyness(product: Listed, day: date) -> Floats:
    """Return how busy each minute of the UTC day is, shape (1440,); 2.5 is the busiest."""
    return _busyness(product.busy, offset_minutes(product.zone, day))


@lru_cache(maxsize=256)
def _busyness(hours: tuple[int, int], ahead: int) -> Floats:
    begin, end = hours
    local = (np.arange(MINUTES) + ahead) % MINUTES
    busy = np.where((local >= begin) & (local < end), 1.1, 0.35)
    busy[(local >= begin) & (local < begin + 45)] = 2.5
    busy[(local >= end - 30) & (local < end)] = 1.7
    return busy
