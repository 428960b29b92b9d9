"""Shapes of what the books tell in more than one reading: sides, and candles of PnL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from ledger.candles.words import Minutes

MICROS_PER_CENT = 10_000


@extend_schema_field({"type": "string", "enum": ["long", "short"]})
class PositionSide(serializers.Field[int, Any, str, Any]):
    """long where the first fill bought, short where it sold."""

    def to_representation(self, value: int) -> str:
        return "long" if value > 0 else "short"


class CandleOut(serializers.Serializer[Any]):
    """One minute, for the schema: a day has thousands, so `Candles` writes them by the column."""

    datetime = serializers.DateTimeField(help_text="start of the minute, UTC")
    open = serializers.FloatField(help_text="where the minute before ended")
    high = serializers.FloatField(help_text="highest within the minute, its open included")
    low = serializers.FloatField(help_text="lowest within the minute, its open included")
    close = serializers.FloatField(help_text="where the minute ended")


@extend_schema_field(CandleOut(many=True))
class Candles(serializers.Field[Minutes, Any, list[dict[str, Any]], Any]):
    """Candles of whole numbers as they are, e.g. of an index."""

    def to_representation(self, value: Minutes) -> list[dict[str, Any]]:
        stamps = np.datetime_as_string(np.array(value.at, "datetime64[s]"), timezone="UTC")
        return [
            {"datetime": at, "open": first, "high": high, "low": low, "close": last}
            for at, first, high, low, last in zip(
                stamps.tolist(),
                *(self.told(column) for column in (value.open, value.high, value.low, value.close)),
                strict=True,
            )
        ]

    def told(self, column: tuple[int, ...]) -> list[Any]:
        """Return a column's figures as the answer has them."""
        return list(column)


class UsdCandles(Candles):
    """Candles of micro-USD, told in USD with two decimals, rounded half-even as `Usd` rounds."""

    def told(self, column: tuple[int, ...]) -> list[Any]:
        return usd_of(column)


def usd_of(micros: Sequence[int]) -> list[float]:
    """Return micro-USD as USD with two decimals, rounded half-even as `Usd` rounds."""
    cents, rest = np.divmod(np.array(micros, np.int64), MICROS_PER_CENT)
    twice = 2 * rest
    cents += (twice > MICROS_PER_CENT) | ((twice == MICROS_PER_CENT) & (cents % 2 == 1))
    dollars: list[float] = (cents / 100).tolist()  # the nearest float, below 2**53 cents
    return dollars
