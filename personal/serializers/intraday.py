"""Shapes of PnL candles: a day by minutes, a period by days."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from common.api import Price, Usd, UtcDateTime
from common.api.fields import usd_of
from futures.serializers import ProductOut
from ledger.serializers import PositionSide, UsdCandles
from personal.queries.intraday_daily_pnl import Days, PeriodOfDays, ProductDays
from personal.queries.intraday_pnl import (
    DayOfMinutes,
    ProductTrades,
    Together,
    TradeInfo,
    TradeMinutes,
)

_OPEN = "null while the trade is open"


class TradeInfoOut(serializers.Serializer[TradeInfo]):
    """A trade as a whole, or a position that is still open."""

    id = serializers.UUIDField(
        help_text="as in `trades`; of an open position the one that its trade will have"
    )
    contract = serializers.CharField(help_text="e.g. ES Mar26")
    side = PositionSide(help_text="side of the first fill")
    quantity = serializers.IntegerField(help_text="contracts, sum of the opening fills")
    opened_at = UtcDateTime(help_text="first fill, UTC; may lie on an earlier day")
    closed_at = UtcDateTime(
        allow_null=True, help_text=f"last fill, UTC; may lie on a later day; {_OPEN}"
    )
    entry_price = Price(help_text="quantity-weighted, of the opening fills")
    exit_price = Price(allow_null=True, help_text=f"quantity-weighted; {_OPEN}")
    pnl = Usd(
        allow_null=True, help_text=f"of the whole trade, net of fees; {_OPEN} or a rate is missing"
    )
    total_fills = serializers.IntegerField(help_text="fills so far")


class TradeMinutesOut(serializers.Serializer[TradeMinutes]):
    """A trade and its part of the day."""

    trade_info = TradeInfoOut(help_text="the trade, whatever the day")
    candles = UsdCandles(
        help_text="its minutes of the day; the first opens where the product stood, and there is "
        "none while nothing is held; empty on a day without prices"
    )


class ProductTradesOut(serializers.Serializer[ProductTrades]):
    """The trades of one product."""

    product = ProductOut(help_text="as in `products`")
    trades = TradeMinutesOut(many=True, help_text="in the order in which they were opened")


class MinutesTogetherOut(serializers.Serializer[Together]):
    """All products together."""

    candles = UsdCandles(help_text="minutes in which any product has a candle")


class IntradayPnlOut(serializers.Serializer[DayOfMinutes]):
    """A UTC day minute by minute."""

    Individual = ProductTradesOut(
        source="individual", many=True, help_text="products by symbol, with their trades"
    )
    Aggregated = MinutesTogetherOut(source="aggregated", help_text="all products together")


class DayCandleOut(serializers.Serializer[Any]):  # its shape; `DayCandles` writes by the column
    """One UTC day of PnL."""

    date = serializers.DateField(help_text="UTC day")
    open_pnl = Usd(help_text="0")
    high_pnl = Usd(help_text="highest of the day's minutes, at least 0")
    low_pnl = Usd(help_text="lowest of the day's minutes, at most 0")
    close_pnl = Usd(help_text="where the day ended; what is held is marked at the last bar")
    total_trades = serializers.IntegerField(
        help_text="trades closed on the day; 0 where there are no minutes to tell of"
    )
    close_pnl_from_fills = Usd(
        allow_null=True,
        help_text="what the day's own fills realised, first in first out, net of fees; null while "
        "a daily rate is missing",
    )


@extend_schema_field(DayCandleOut(many=True))
class DayCandles(serializers.Field[Days, Any, list[dict[str, Any]], Any]):
    """Day candles in USD with two decimals, rounded half-even."""

    def to_representation(self, value: Days) -> list[dict[str, Any]]:
        realized = [amount or 0 for amount in value.realized]
        high, low, close, amounts = usd_of((value.high, value.low, value.close, realized))
        return [
            {
                "date": day,
                "open_pnl": 0.0,
                "high_pnl": highest,
                "low_pnl": lowest,
                "close_pnl": last,
                "total_trades": trades,
                "close_pnl_from_fills": None if held is None else amount,
            }
            for day, highest, lowest, last, trades, held, amount in zip(
                value.day, high, low, close, value.trade_count, value.realized, amounts, strict=True
            )
        ]


class ProductDaysOut(serializers.Serializer[ProductDays]):
    """The days of one product."""

    product = ProductOut(help_text="as in `products`")
    candles = DayCandles(source="days", help_text="days with a fill or a position, oldest first")


class DaysTogetherOut(serializers.Serializer[Any]):
    """All products together."""

    candles = DayCandles(source="*", help_text="days with a fill or a position, oldest first")


class IntradayDailyPnlOut(serializers.Serializer[PeriodOfDays]):
    """A period day by day."""

    Individual = ProductDaysOut(source="individual", many=True, help_text="products by symbol")
    Aggregated = DaysTogetherOut(source="aggregated", help_text="all products together")
