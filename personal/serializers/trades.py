"""Shapes of trades, their fills, and open positions."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from common.api import Price, Usd, UtcDateTime
from futures.queries import Timeframe
from journal.serializers import ImageOut
from ledger.serializers import ClosedTradeOut
from personal.queries.chart_data import Chart
from personal.queries.positions import OpenPosition
from personal.serializers.day_fills import UnusedFillOut
from personal.serializers.fields import FillSide, PositionSide


class TradeOut(ClosedTradeOut):
    """A closed trade; its money is null while a daily rate is missing."""

    tags = serializers.ListField(
        child=serializers.IntegerField(), help_text="ids of its tags, as in `journal/tags`"
    )
    has_notes = serializers.BooleanField(help_text="the trader noted something about it")


class ChartFillOut(serializers.Serializer[Any]):
    """An execution, or the part of one that belongs to the trade, as a chart marks it."""

    datetime = UtcDateTime(help_text="when it was executed, UTC")
    side = FillSide(help_text="what it did")
    price = Price(help_text="at which it was executed")
    quantity = serializers.IntegerField(
        help_text="contracts; of a fill that closed one trade and opened the next, this one's part"
    )


class TradeFillOut(ChartFillOut):
    """An execution, or the part of one that belongs to the trade."""

    exec_id = serializers.CharField(help_text="the provider's execution id")
    fees = Usd(
        allow_null=True, help_text="of this trade's part; null while a daily rate is missing"
    )
    corrects = serializers.CharField(
        allow_null=True, help_text="first execution of its chain, where it is a correction"
    )


class TradeDetailOut(TradeOut):
    """A closed trade with its fills, notes and images."""

    fills = TradeFillOut(many=True, help_text="in the order of the books")
    unused_fills = UnusedFillOut(
        many=True,
        help_text="rows of its contract, from its first to its last fill, that count in no "
        "position: corrected, busted, echoes",
    )
    notes = serializers.CharField(help_text="markdown; may be empty")
    images = ImageOut(many=True, help_text="oldest first")


class ChartDataOut(serializers.Serializer[Chart]):
    """A trade, its fills, and which prices to ask `futures-price-data` for."""

    trade = TradeOut(help_text="as in `trades`")
    contract = serializers.CharField(help_text="for `contract=`, e.g. ES Mar26")
    fills = ChartFillOut(many=True, help_text="in the order of the books")
    timeframe = serializers.ChoiceField(
        choices=[one.value for one in Timeframe],
        help_text="for `timeframe=`: 1min for a trade of less than 24 hours, else 15min",
    )
    start_date = serializers.DateField(help_text="for `start_date=`: UTC day of the first fill")
    end_date = serializers.DateField(help_text="for `end_date=`: UTC day of the last fill")


class PositionOut(serializers.Serializer[OpenPosition]):
    """An open position at the close of its contract's last bar."""

    product = serializers.CharField(help_text="symbol")
    product_id = serializers.IntegerField(help_text="for `product=`")
    contract = serializers.CharField(help_text="e.g. ES Mar26")
    account = serializers.CharField(help_text="name of the platform account")
    side = PositionSide(help_text="which way it stands")
    quantity = serializers.IntegerField(help_text="contracts")
    average_price = Price(help_text="of the lots still open, first in first out")
    opened_at = UtcDateTime(help_text="first fill since it was flat, UTC")
    realized_pnl = Usd(allow_null=True, help_text="since it was opened, fees included")
    mark = Price(allow_null=True, help_text="close of the last bar; null without one")
    marked_at = UtcDateTime(allow_null=True, help_text="start of that bar")
    unrealized_pnl = Usd(
        allow_null=True, help_text="at the mark and the latest rate; null without a mark"
    )
