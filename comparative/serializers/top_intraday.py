"""Shapes of the group's best trades of a day, and what may be asked."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from common.api import Day, MetaOut, Number, Params, Period, Usd, UtcDateTime
from comparative.queries.top_intraday import Series, TopTrade
from ledger.serializers import Candles, PositionSide, UsdCandles

MOST = 50


class TopIntradayParams(Params):
    """One day; adds it as `period` to what was read."""

    date = Day(help_text="UTC day, from 1970 to 2199")
    limit = Number(
        required=False, min_value=1, max_value=MOST,
        help_text=f"how many trades at most, 1 to {MOST}: for admins; for others, and where it is "
        "left out, the server's number, told in `meta.limit`",
    )  # fmt: skip

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs = super().validate(attrs)
        attrs["period"] = Period(attrs["date"], attrs["date"])
        return attrs


class SeriesOut(serializers.Serializer[Series]):
    """A trade whose size is hidden: this, and nothing else, is told of it."""

    id = serializers.UUIDField(help_text="a name that only this viewer has for it")
    product = serializers.CharField(help_text="symbol")
    opened_at = UtcDateTime(help_text="first fill, cut to the second")
    closed_at = UtcDateTime(help_text="last fill, cut to the second")
    is_own = serializers.BooleanField(help_text="whether it is the viewer's own")
    candles = Candles(
        help_text="PnL minute by minute, before fees, in hundredths of the trade's own largest: "
        "whole numbers from -100 to 100"
    )


class TopTradeOut(serializers.Serializer[TopTrade]):
    """A trade among the day's best; what is told to whom depends on the role."""

    id = serializers.UUIDField(
        help_text="of the trade; for others than admins a name that only this viewer has for it"
    )
    product = serializers.CharField(help_text="symbol")
    opened_at = UtcDateTime(help_text="first fill; for others than admins cut to the second")
    closed_at = UtcDateTime(help_text="last fill; for others than admins cut to the second")
    is_own = serializers.BooleanField(help_text="whether it is the viewer's own")
    candles = UsdCandles(
        help_text="PnL minute by minute, from 0: USD, net of fees; for others than admins, before "
        "fees, in hundredths of the trade's own largest, whole numbers from -100 to 100"
    )
    trader = serializers.IntegerField(required=False, help_text="id of the trader; admins only")
    trader_name = serializers.CharField(required=False, help_text="for display; admins only")
    side = PositionSide(required=False, help_text="side of the first fill; admins only")
    pnl = Usd(required=False, help_text="net of fees; admins only")


class TopMetaOut(MetaOut):
    """Meta of the best trades."""

    unit = serializers.ChoiceField(
        choices=["USD", "index"], help_text="of the candles: money for admins, else an index"
    )
    limit = serializers.IntegerField(help_text="how many trades there are at most")
