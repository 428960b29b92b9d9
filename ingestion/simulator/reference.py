"""The provider's reference data: instruments, products, enumerations, rates, bars."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise

import orjson

from ingestion.simulator.executions import NS, spread_name
from ingestion.simulator.listings import (
    MARKET_IDS,
    MARKETS,
    PRODUCT_TYPES,
    Listed,
    Month,
    instrument_id,
)
from ingestion.simulator.market import ModelMarket
from ingestion.simulator.reports import points
from ingestion.simulator.sessions import MINUTES

_FUTURE, _OPTION, _MULTILEG = PRODUCT_TYPES
# USD per unit: the currency future where there is one, else a level and a volatility a year.
_RATE_FUTURES = {"EUR": "6E", "GBP": "6B", "JPY": "6J", "AUD": "6A", "CAD": "6C"}
_OTHER_RATES = {
    "CHF": (1.25, 0.07),
    "HKD": (0.1282, 0.004),
    "NZD": (0.58, 0.1),
    "SGD": (0.78, 0.04),
}
_LISTED_DAYS = 730  # before a contract expires


@dataclass(frozen=True, slots=True)
class Instrument:
    name: str
    product: Listed
    kind: int
    expires_on: date

    def row(self) -> dict[str, object]:
        product = self.product
        return {
            "id": instrument_id(self.name),
            "alias": self.name,
            "name": self.name,
            "productId": product.product_id,
            "productTypeId": self.kind,
            "marketId": MARKET_IDS[product.exchange],
            "tickSize": _plain(product.tick),
            "tickValue": _plain(product.tick_value),
            "pointValue": _plain(product.point_value),
            "displayFactor": 1,
            "expiry": self.expires_on.isoformat(),
        }


class Reference:
    """Everything that can be looked up."""

    def __init__(
        self,
        products: dict[str, Listed],
        market: ModelMarket,
        first: date,
        last: date,
        recorded: Iterable[Month] = (),
    ) -> None:
        self._market = market
        self._all = products
        self._by_id = {product.product_id: product for product in products.values()}
        self._months: dict[str, Month] = {}
        self._instruments: dict[str, Instrument] = {}
        extra = list(recorded)
        for product in products.values():
            months = product.contracts(first - timedelta(days=40), last + timedelta(days=500))
            months += [month for month in extra if month.product == product]
            self._list(product, sorted(set(months), key=lambda month: month.expires_on))

    def _list(self, product: Listed, months: list[Month]) -> None:
        for month in months:
            self._months[month.name] = month
            self._add(month.name, product, _FUTURE, month.expires_on)
        for near, far in pairwise(months):
            self._add(spread_name(near, far), product, _MULTILEG, near.expires_on)
        if product.symbol == "ES":
            for month in months:
                for strike in range(1500, 15_000, 50):
                    self._add(f"{month.name} C{strike}", product, _OPTION, month.expires_on)

    def _add(self, name: str, product: Listed, kind: int, expires_on: date) -> None:
        self._instruments[instrument_id(name)] = Instrument(name, product, kind, expires_on)

    def instrument(self, number: str) -> Instrument | None:
        return self._instruments.get(number)

    def product(self, number: str) -> dict[str, object] | None:
        """Return the product's row, or None."""
        product = self._by_id.get(number)
        if product is None:
            return None
        return {
            "id": number,
            "symbol": product.symbol,
            "name": product.name,
            "marketId": MARKET_IDS[product.exchange],
            "currency": product.currency,
            "productTypeId": _FUTURE,
        }

    def contract(self, name: str) -> Month | None:
        return self._months.get(name)

    def rate(self, currency: str, day: date) -> str | None:
        """Return USD for one unit on the day, eight significant digits; None if not quoted."""
        if currency == "USD":
            return "1"
        symbol = _RATE_FUTURES.get(currency)
        if symbol in self._all:
            return f"{self._market.price(self._all[symbol], day):.8g}"
        if symbol is not None:
            level = {"EUR": 1.12, "GBP": 1.33, "JPY": 0.00672, "AUD": 0.655, "CAD": 0.725}[currency]
            volatility = 0.08
        elif currency in _OTHER_RATES:
            level, volatility = _OTHER_RATES[currency]
        else:
            return None
        stray = self._market.walk("rate", currency, volatility / 16).at(day)
        return f"{level * (1 + stray):.8g}"

    def bars(self, month: Month, low: int, high: int, *, now: int, limit: int) -> list[bytes]:
        """Return the rows of the first bars with low <= start <= high that are over at `now`."""
        tick, name = month.product.tick, month.name
        high = min(high, now - 60 * NS)
        rows: list[bytes] = []
        first = month.expires_on - timedelta(days=_LISTED_DAYS)
        day = max(first, datetime.fromtimestamp(max(low, 0) // NS, UTC).date())
        last = min(datetime.fromtimestamp(max(high, 0) // NS, UTC).date(), month.expires_on)
        while day <= last and len(rows) < limit:
            found = self._market.day(month, day)
            midnight = int(datetime.combine(day, time(), UTC).timestamp()) * NS
            columns = (found.opens, found.highs, found.lows, found.closes, found.volume)
            table = list(zip(*(column.tolist() for column in columns), strict=True))
            for minute in range(MINUTES):
                start = midnight + minute * 60 * NS
                opened, top, bottom, closed, volume = table[minute]
                if volume > 0 and low <= start <= high:
                    rows.append(
                        f'{{"contract":"{name}","timeStamp":"{start}",'
                        f'"open":{points(tick, opened)},"high":{points(tick, top)},'
                        f'"low":{points(tick, bottom)},"close":{points(tick, closed)},'
                        f'"volume":{volume}}}'.encode()
                    )
            day += timedelta(days=1)
        return rows[:limit]

    @property
    def markets(self) -> dict[str, object]:
        return {"markets": [{"id": number, "name": name} for number, name in MARKETS.items()]}

    @property
    def product_data(self) -> dict[str, object]:
        types = [{"id": number, "desc": name} for number, name in PRODUCT_TYPES.items()]
        return {"productTypes": types}

    @property
    def order_data(self) -> dict[str, object]:
        """The enumerations of the ledger, number -> name."""
        return {
            "orderData": {
                "side": {"1": "Buy", "2": "Sell"},
                "execType": {"14": "Trade", "15": "TradeCorrect", "16": "TradeCancel"},
                "multiLegReportingType": {"1": "Single", "2": "Leg", "3": "MultiLeg"},
                "ordStatus": {"1": "PartiallyFilled", "2": "Filled"},
                "positionEffect": {"O": "Open", "C": "Close"},
            }
        }


def _plain(value: Decimal) -> orjson.Fragment:
    """A Decimal as a JSON number, digit for digit."""
    return orjson.Fragment(f"{value:f}")
