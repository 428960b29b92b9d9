"""Which products and contracts are listed, when they roll, and the numbers TT knows them by."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from ingestion.simulator import seeds

FACTS = Path(__file__).resolve().parent.parent.parent / "futures" / "products.csv"
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
CODES = "FGHJKMNQUVXZ"
MARKETS = {
    7: "CME",
    8: "CBOT",
    9: "NYMEX",
    10: "COMEX",
    32: "ICE Europe",
    33: "ICE US",
    23: "Eurex",
    41: "CFE",
    51: "HKEX",
    52: "SGX",
    61: "ASX",
    62: "MX",
    99: "ALGO",
}
MARKET_IDS = {name: number for number, name in MARKETS.items()}
PRODUCT_TYPES = {34: "Future", 35: "Option", 200: "Multileg Instrument"}

# Sessions that the list of products does not know; crypto trades around the clock.
_SESSIONS = {
    "Z": ("Europe/London", "01:00", "21:00"),
    "R": ("Europe/London", "08:00", "18:00"),
    "MBT": ("UTC", "always", "always"),
    "MET": ("UTC", "always", "always"),
}

# symbol: months, expiry rule, days of the roll before it, price level, volatility a year in %,
# contracts a busy minute, busy hours (minutes of the day in the session's zone), carry % a year
_HABITS: dict[str, tuple[str, str, int, float, float, int, int, int, float]] = {
    "ES": ("HMUZ", "third friday", 8, 6600, 15, 1800, 510, 900, 3.6),
    "NQ": ("HMUZ", "third friday", 8, 24200, 20, 900, 510, 900, 3.6),
    "MES": ("HMUZ", "third friday", 8, 6600, 15, 1500, 510, 900, 3.6),
    "MNQ": ("HMUZ", "third friday", 8, 24200, 20, 1700, 510, 900, 3.6),
    "CL": ("FGHJKMNQUVXZ", "month before", 3, 64, 33, 500, 480, 810, -4.0),
    "ZN": ("HMUZ", "month end", 22, 112.5, 6, 1600, 440, 840, -0.8),
    "6E": ("HMUZ", "third monday", 5, 1.12, 8, 220, 440, 840, 1.8),
    "GC": ("GJMQVZ", "month end", 22, 3400, 16, 260, 440, 810, 4.0),
    "FDAX": ("HMUZ", "third friday", 2, 23800, 17, 60, 540, 1050, 2.0),
    "MBT": ("FGHJKMNQUVXZ", "last friday", 2, 98000, 48, 90, 480, 960, 6.0),
    "FESX": ("HMUZ", "third friday", 2, 5450, 16, 700, 540, 1050, 1.6),
    "ZC": ("HKNUZ", "mid month", 14, 440, 26, 220, 510, 800, 6.0),
    "ZB": ("HMUZ", "month end", 22, 117, 10, 420, 440, 840, -1.0),
    "NK": ("HMUZ", "second friday", 2, 45800, 20, 60, 540, 900, 0.4),
    "Z": ("HMUZ", "third friday", 2, 9150, 12, 80, 480, 990, 3.0),
    "NG": ("FGHJKMNQUVXZ", "month before", 3, 3.6, 55, 180, 480, 810, 9.0),
    "RTY": ("HMUZ", "third friday", 8, 2420, 22, 240, 510, 900, 3.4),
    "YM": ("HMUZ", "third friday", 8, 46200, 14, 160, 510, 900, 3.4),
    "FGBL": ("HMUZ", "tenth", 3, 129.5, 6, 900, 540, 1050, -1.2),
    "6J": ("HMUZ", "third monday", 5, 0.00672, 10, 160, 440, 840, 3.4),
    "6B": ("HMUZ", "third monday", 5, 1.33, 8, 110, 440, 840, 0.2),
    "ZS": ("FHKNUX", "mid month", 14, 1060, 20, 170, 510, 800, 5.0),
    "SI": ("HKNUZ", "month end", 22, 42, 28, 90, 440, 810, 4.0),
    "HG": ("HKNUZ", "month end", 22, 4.7, 22, 70, 440, 810, 3.0),
    "R": ("HMUZ", "month end", 22, 91.5, 8, 120, 540, 1000, -1.0),
    "ZF": ("HMUZ", "month end", 22, 108.5, 4, 900, 440, 840, -0.6),
    "6A": ("HMUZ", "third monday", 5, 0.655, 10, 110, 440, 840, 0.4),
    "MGC": ("GJMQVZ", "month end", 22, 3400, 16, 300, 440, 810, 4.0),
    "MCL": ("FGHJKMNQUVXZ", "month before", 3, 64, 33, 150, 480, 810, -4.0),
    "6C": ("HMUZ", "third monday", 5, 0.725, 6, 90, 440, 840, 1.2),
    "FDXM": ("HMUZ", "third friday", 2, 23800, 17, 50, 540, 1050, 2.0),
    "FGBM": ("HMUZ", "tenth", 3, 117.5, 4, 400, 540, 1050, -0.8),
    "RB": ("FGHJKMNQUVXZ", "month before", 3, 2.05, 33, 60, 480, 810, -3.0),
    "HO": ("FGHJKMNQUVXZ", "month before", 3, 2.3, 33, 60, 480, 810, -3.0),
    "ZW": ("HKNUZ", "mid month", 14, 560, 28, 100, 510, 800, 7.0),
    "MYM": ("HMUZ", "third friday", 8, 46200, 14, 200, 510, 900, 3.4),
    "M2K": ("HMUZ", "third friday", 8, 2420, 22, 150, 510, 900, 3.4),
}
MOST_PRODUCTS = len(_HABITS)
_MICROS = {
    "MES": "ES",
    "MNQ": "NQ",
    "MGC": "GC",
    "MCL": "CL",
    "FDXM": "FDAX",
    "MYM": "YM",
    "M2K": "RTY",
}


@dataclass(frozen=True, slots=True)
class Listed:
    """A product as the simulator trades it.

    level         price around which the model moves, points
    volatility    of a year, 0.15 = 15 %
    pace          contracts traded in a busy minute
    busy          minutes of the local day between which most is traded
    carry         a year, 0.036 = each contract a year further out is 3.6 % dearer
    """

    symbol: str
    exchange: str
    name: str
    currency: str
    tick: Decimal
    tick_value: Decimal
    point_value: Decimal
    zone: str
    opens: str
    closes: str
    months: str
    expires: str
    roll_days: int
    level: float
    volatility: float
    pace: int
    busy: tuple[int, int]
    carry: float

    @property
    def product_id(self) -> str:
        return str(10**18 + seeds.number("product", self.symbol) % (9 * 10**18))

    @property
    def underlying(self) -> str:
        """The symbol whose prices it shares: a micro moves with its big brother."""
        return _MICROS.get(self.symbol, self.symbol)

    @property
    def always_open(self) -> bool:
        return self.opens == "always"

    def contracts(self, first: date, last: date) -> list[Month]:
        """Return the months that expire between two days, nearest first."""
        found = []
        for year in range(first.year, last.year + 2):
            for code in self.months:
                month = Month(self, year, CODES.index(code) + 1)
                if first <= month.expires_on <= last:
                    found.append(month)
        return sorted(found, key=lambda month: month.expires_on)

    def front(self, day: date) -> Month:
        """Return the month that is traded on `day`: the first that has not rolled yet."""
        return _front(self, day, 0)

    def second(self, day: date) -> Month:
        """Return the month behind the front."""
        return _front(self, day, 1)


@dataclass(frozen=True, slots=True)
class Month:
    """One contract of a product."""

    product: Listed
    year: int
    month: int

    @property
    def name(self) -> str:
        return _name(self.product.symbol, self.year, self.month)

    @property
    def instrument_id(self) -> str:
        return instrument_id(self.name)

    @property
    def expires_on(self) -> date:
        return _expiry(self.product.expires, self.year, self.month)

    @property
    def rolls_on(self) -> date:
        return self.expires_on - timedelta(days=self.product.roll_days)


@lru_cache(maxsize=20_000)
def _name(symbol: str, year: int, month: int) -> str:
    return f"{symbol} {MONTHS[month - 1]}{year % 100:02d}"


@lru_cache(maxsize=20_000)
def instrument_id(name: str) -> str:
    """Return the number by which TT would know the instrument of this name."""
    return str(10**18 + seeds.number("instrument", name) % (9 * 10**18))


@lru_cache(maxsize=50_000)
def _front(product: Listed, day: date, behind: int) -> Month:
    ahead = product.contracts(day, day + timedelta(days=500))
    return [month for month in ahead if month.rolls_on > day][behind]


@lru_cache(maxsize=4096)
def _expiry(rule: str, year: int, month: int) -> date:
    first = date(year, month, 1)
    if rule == "third friday":
        return _weekday(first, 4, 3)
    if rule == "second friday":
        return _weekday(first, 4, 2)
    if rule == "third monday":
        return _weekday(first, 0, 3)
    if rule == "tenth":
        return _working(first.replace(day=10), 1)
    if rule == "mid month":
        return _working(first.replace(day=14), -1)
    if rule == "month before":
        return _working(first - timedelta(days=10), -1)
    last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    if rule == "last friday":
        return last - timedelta(days=(last.weekday() - 4) % 7)
    return _working(last, -1)


def _weekday(first: date, weekday: int, nth: int) -> date:
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))


def _working(day: date, step: int) -> date:
    while day.weekday() > 4:
        day += timedelta(days=step)
    return day


@lru_cache(maxsize=8)
def products(count: int = 25, also: Sequence[str] = ()) -> tuple[Listed, ...]:
    """Return the first `count` products of the simulator's list (`also`: those symbols, too)."""
    with FACTS.open(newline="") as file:
        facts = {row["symbol"]: row for row in csv.DictReader(file)}
    wanted = [*list(_HABITS)[:count], *(symbol for symbol in also if symbol in facts)]
    return tuple(_listed(symbol, facts[symbol]) for symbol in dict.fromkeys(wanted))


def _listed(symbol: str, row: dict[str, str]) -> Listed:
    plain = ("HMUZ", "third friday", 8, 100.0, 15, 100, 540, 960, 0.0)
    months, rule, roll, level, volatility, pace, start, end, carry = _HABITS.get(symbol, plain)
    told = (row["session_tz"], row["session_open"], row["session_close"])
    zone, opens, closes = _SESSIONS.get(symbol, told)
    return Listed(
        symbol=symbol,
        exchange=row["exchange"],
        name=row["name"],
        currency=row["currency"],
        tick=Decimal(row["tick_size"]),
        tick_value=Decimal(row["tick_value"]),
        point_value=Decimal(row["point_value"]),
        zone=zone or "UTC",
        opens=opens or "00:00",
        closes=closes or "24:00",
        months=months,
        expires=rule,
        roll_days=roll,
        level=level,
        volatility=volatility / 100,
        pace=pace,
        busy=(start, end),
        carry=carry / 100,
    )
