"""What the books tell in more than one reading: closed trades, sides, sizes, candles of PnL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.serializers import PersonalParams
from calc.distribution import Bin
from common.api import OpenPeriodParams, PageParams, Price, Usd, UtcDateTime
from common.api.fields import usd_of
from futures.serializers import ProductsParams
from ledger.candles.words import Minutes
from ledger.closed import SIDES, SORTS


@extend_schema_field({"type": "string", "enum": ["long", "short"]})
class PositionSide(serializers.Field[int, Any, str, Any]):
    """long where the first fill bought, short where it sold."""

    def to_representation(self, value: int) -> str:
        return "long" if value > 0 else "short"


class ClosedTradeOut(serializers.Serializer[Any]):
    """A closed trade; its money is null while a daily rate is missing."""

    id = serializers.UUIDField(help_text="stable, also when the books are rebuilt")
    product = serializers.CharField(help_text="symbol")
    product_id = serializers.IntegerField(help_text="for `product=`")
    contract = serializers.CharField(help_text="e.g. ES Mar26")
    side = PositionSide(help_text="side of the first fill")
    quantity = serializers.IntegerField(help_text="contracts, sum of the opening fills")
    opened_at = UtcDateTime(help_text="first fill, UTC")
    closed_at = UtcDateTime(help_text="last fill, UTC")
    entry_price = Price(help_text="quantity-weighted")
    exit_price = Price(help_text="quantity-weighted")
    gross_pnl = Usd(allow_null=True, help_text="before fees")
    fees = Usd(allow_null=True, help_text="of all its fills")
    pnl = Usd(allow_null=True, help_text="gross_pnl - fees")
    mae = Usd(allow_null=True, help_text="lowest open pnl, at most 0; null where there are no bars")
    mfe = Usd(
        allow_null=True, help_text="highest open pnl, at least 0; null where there are no bars"
    )


class ClosedTradesParams(ProductsParams, PersonalParams, PageParams, OpenPeriodParams):
    """Which closed trades, in which order."""

    side = serializers.ChoiceField(
        choices=list(SIDES), required=False, help_text="side of the first fill; both if left out"
    )
    sort = serializers.ChoiceField(
        choices=SORTS,
        default="-closed_at",
        help_text="a leading - means falling; trades without a pnl yet come last by pnl",
    )

    def validate_side(self, word: str) -> int:
        return SIDES[word]


class BinOut(serializers.Serializer[Bin]):
    """Trades with from <= pnl < to."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {
            "from": Usd(source="lower", help_text="lowest pnl of the bin, included"),
            "to": Usd(source="upper", help_text="highest pnl of the bin, not included"),
            "pnl": Usd(help_text="of all trades in the bin"),
            "trade_count": serializers.IntegerField(help_text="trades in the bin"),
        }


class CandleOut(serializers.Serializer[Any]):  # its shape; `Candles` writes days by the column
    """One minute of PnL."""

    datetime = serializers.DateTimeField(help_text="start of the minute, UTC")
    open = serializers.FloatField(help_text="where the minute before ended")
    high = serializers.FloatField(help_text="highest within the minute, its open included")
    low = serializers.FloatField(help_text="lowest within the minute, its open included")
    close = serializers.FloatField(help_text="where the minute ended")


@extend_schema_field(CandleOut(many=True))
class Candles(serializers.Field[Minutes, Any, list[dict[str, Any]], Any]):
    """Candles of whole numbers as they are, e.g. of an index."""

    def to_representation(self, value: Minutes) -> list[dict[str, Any]]:
        columns = self.told((value.open, value.high, value.low, value.close))
        return [
            {"datetime": at, "open": first, "high": high, "low": low, "close": last}
            for at, first, high, low, last in zip(map(stamp, value.at), *columns, strict=True)
        ]

    def told(self, columns: Sequence[Sequence[int]]) -> Sequence[Sequence[Any]]:
        """Return the figures of columns as the answer has them."""
        return columns


class UsdCandles(Candles):
    """Candles of micro-USD, told in USD with two decimals, rounded half-even as `Usd` rounds."""

    def told(self, columns: Sequence[Sequence[int]]) -> Sequence[Sequence[Any]]:
        return usd_of(columns)


@lru_cache(maxsize=65_536)  # 45 days: the series of a day share their minutes
def stamp(second: int) -> str:
    """Return a second since 1970 as an instant in UTC, ISO 8601 with Z."""
    return f"{datetime.fromtimestamp(second, UTC).replace(tzinfo=None).isoformat()}Z"
