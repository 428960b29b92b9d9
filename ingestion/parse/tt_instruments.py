"""Instruments and products of TT's `ttpds` -> our words. Pure; what we cannot price is refused."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from ingestion.parse import contract_names, foreign
from ingestion.parse.foreign import Unusable
from ingestion.providers.base import Instrument

# Quoted as 100 - yield: the value of a tick moves with the price, so that tick value and tick
# size times point value are two snapshots that need not agree (ASX bills and bonds, and the
# cash-rate futures beside them).
QUOTED_BY_YIELD = frozenset({"IR", "IB", "YT", "XT", "XX", "VT", "BB", "BS"})

_KIND_WORDS = (
    ("option", "option"),
    ("opt", "option"),
    ("multileg", "spread"),
    ("multi-leg", "spread"),
    ("mleg", "spread"),
    ("spread", "spread"),
    ("strategy", "spread"),
    ("future", "future"),
    ("fut", "future"),
)


def instrument(
    row: Any,
    product: Any,
    *,
    markets: Mapping[str, str] | None = None,
    product_types: Mapping[str, str] | None = None,
) -> Instrument:
    """Translate `instrument/{id}` with its `product/{id}`.

    markets, product_types  id -> name, where the rows carry numbers
    raises   Unusable with the reason: a display factor other than 1, a tick value that is not
             tick size x point value (rates quoted as 100 - yield excepted), anything missing
    """
    if not isinstance(row, Mapping) or not isinstance(product, Mapping):
        raise Unusable("the instrument is not an object")
    factor = foreign.number(foreign.present(row, "displayFactor"), "displayFactor")
    if factor != 1:
        raise Unusable(f"displayFactor is {factor}: only 1 is priced")
    contract = foreign.name(row, "alias")
    symbol = foreign.name(product, "symbol")
    market = foreign.name(product, "marketId")
    tick_size = _above_zero(row, "tickSize")
    tick_value = _optional(row, "tickValue")
    point_value = _optional(row, "pointValue")
    kind = _kind(row, product, contract, product_types or {})
    if (
        tick_value is not None
        and point_value is not None
        and kind == "future"
        and tick_value != tick_size * point_value
        and symbol not in QUOTED_BY_YIELD
    ):
        raise Unusable(
            f"tickValue is {tick_value}, not tickSize x pointValue = {tick_size * point_value}"
        )
    return Instrument(
        instrument_id=foreign.name(row, "id" if row.get("id") else "instrumentId"),
        contract=contract,
        product=symbol,
        exchange=(markets or {}).get(market, market),
        product_name=foreign.name(product, "name"),
        currency=_currency(product),
        tick_size=tick_size,
        tick_value=tick_value,
        point_value=point_value,
        expires_on=_day(row),
        kind=kind,
    )


def _kind(
    row: Mapping[str, Any], product: Mapping[str, Any], alias: str, types: Mapping[str, str]
) -> str:
    """The product type decides; where TT's numbers have no name, the form of the alias does."""
    for source in (row, product):
        for key in ("productType", "productTypeId"):
            told = str(source.get(key) or "")
            named = types.get(told, told).lower()
            for word, kind in _KIND_WORDS:
                if word in named:
                    return kind
    return contract_names.kind_of(alias)


def _above_zero(row: Mapping[str, Any], key: str) -> Decimal:
    read = foreign.price(foreign.present(row, key), key)
    if read <= 0:
        raise Unusable(f"{key} is {read}: it must be above zero")
    return read


def _optional(row: Mapping[str, Any], key: str) -> Decimal | None:
    """A value that is left out or zero is not told."""
    if row.get(key) in (None, "", 0, "0", "0.0"):
        return None
    return _above_zero(row, key)


def _currency(product: Mapping[str, Any]) -> str:
    code = foreign.name(product, "currency")
    if len(code) != 3 or not code.isascii() or not code.isalpha():
        raise Unusable(f"currency is no three-letter code: {code[:40]!r}")
    return code.upper()


def _day(row: Mapping[str, Any]) -> date | None:
    """Read `expiry` (or TT's `expirationDate`): YYYYMMDD, ISO, or nanoseconds; None = not told."""
    told = row.get("expiry") or row.get("expirationDate")
    if told in (None, "", 0, "0"):
        return None
    text = str(told).strip()
    try:
        if text.isascii() and text.isdigit() and len(text) == 8:
            return date(int(text[:4]), int(text[4:6]), int(text[6:]))
        if text.isascii() and text.isdigit() and 18 <= len(text) <= 19:
            return datetime.fromtimestamp(int(text) // 1_000_000_000, UTC).date()
        return date.fromisoformat(text[:10])
    except ValueError:
        raise Unusable(f"expiry is no day: {foreign.storable(text)[:40]!r}") from None
