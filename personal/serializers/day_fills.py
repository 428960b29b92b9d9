"""Shapes of a day's figures and the fills behind them; money to the millionth: it adds up."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.serializers import PersonalParams
from common.api import Price, UtcDateTime
from futures.serializers import ProductsParams
from personal.queries.day_fills import WORDS, DayFills
from personal.serializers.fields import FillSide, PositionSide


class DayFillsParams(ProductsParams, PersonalParams):
    """Whose day, in some products or in all."""


class Exact(Price):
    """Money as exact as a JSON number can tell it: to the millionth."""


class DayProductOut(serializers.Serializer[Any]):
    """One product's part of the day."""

    product = serializers.CharField(help_text="symbol")
    product_id = serializers.IntegerField(help_text="for `product=`")
    pnl = Exact(help_text="USD, of the trades closed on the day, as in `performance-by-time`")
    trade_count = serializers.IntegerField(help_text="closed trades whose pnl is known")
    held_count = serializers.IntegerField(help_text="closed trades that wait for a daily rate")
    realized = Exact(
        allow_null=True,
        help_text="USD, what the day's own fills realised: as `close_pnl_from_fills`; null while a "
        "daily rate is missing",
    )


class RealisedOut(serializers.Serializer[Any]):
    """What one day's fills realised in a trade."""

    date = serializers.DateField(help_text="UTC day")
    rate = Price(
        allow_null=True, help_text="USD per unit of the currency on that day; null: not known"
    )
    realized = Exact(
        allow_null=True,
        help_text="USD: gains of that day's closing fills x point_value x rate, rounded to the "
        "millionth, less that day's fees x rate, rounded likewise",
    )


class RunFillOut(serializers.Serializer[Any]):
    """An execution, or the part of one that belongs to the trade."""

    datetime = UtcDateTime(
        source="executed_at", help_text="when it was executed, UTC; may be of an earlier day"
    )
    side = FillSide(help_text="what it did")
    price = Price(help_text="at which it was executed")
    quantity = serializers.IntegerField(help_text="contracts that belong here")
    filled = serializers.IntegerField(
        help_text="contracts of the whole fill: more, where it closed one trade and opened the next"
    )
    exec_id = serializers.CharField(help_text="the provider's execution id")
    leg_index = serializers.IntegerField(help_text="0, or which part of the execution")
    corrects = serializers.CharField(
        allow_null=True, help_text="first execution of its chain, where it is a correction"
    )
    fees = Exact(help_text="of this part, in `currency`")


class DayRunOut(serializers.Serializer[Any]):
    """A trade that closed on the day, or a position that was held over its end."""

    id = serializers.UUIDField(help_text="for `personal/trades/{id}`, once it is closed")
    account = serializers.CharField(help_text="name of the platform account")
    product = serializers.CharField(help_text="symbol")
    product_id = serializers.IntegerField(help_text="for `product=`")
    contract = serializers.CharField(help_text="e.g. ES Mar26")
    currency = serializers.CharField(help_text="in which it is traded")
    point_value = Price(allow_null=True, help_text="currency per point and contract")
    side = PositionSide(help_text="side of the first fill")
    quantity = serializers.IntegerField(help_text="contracts opened, to the end of the day")
    position = serializers.IntegerField(
        help_text="contracts held at the end of the day, - short; 0: closed"
    )
    opened_at = UtcDateTime(help_text="first fill, UTC")
    closed_at = UtcDateTime(allow_null=True, help_text="last fill, UTC; null: held over the day")
    pnl = Exact(
        allow_null=True,
        help_text="USD, the sum of `days`; of a position what it had realised by then",
    )
    held = serializers.CharField(allow_blank=True, help_text="why money is null; else empty")
    is_copied = serializers.BooleanField(help_text="copied from production: its fills are not here")
    days = RealisedOut(many=True, help_text="by UTC day of the fills")
    fills = RunFillOut(many=True, help_text="since it was flat, to the end of the day, in order")


class UnusedFillOut(serializers.Serializer[Any]):
    """A row that counts in no position."""

    account = serializers.CharField(help_text="name of the platform account")
    datetime = UtcDateTime(help_text="when it was executed, UTC")
    contract = serializers.CharField(allow_null=True, help_text="null while it is not known")
    instrument = serializers.CharField(help_text="the provider's instrument")
    side = FillSide(help_text="what it did")
    price = Price(help_text="at which it was executed")
    quantity = serializers.IntegerField(help_text="contracts")
    exec_id = serializers.CharField(help_text="the provider's execution id")
    leg_index = serializers.IntegerField(help_text="0, or which part of the execution")
    corrects = serializers.CharField(
        allow_null=True, help_text="the execution that it corrects or busts, if any"
    )
    state = serializers.ChoiceField(
        choices=list(WORDS.values()),
        help_text="corrected: another stands in its place; excluded: never a position of its own, "
        "e.g. an echo or a bust; waiting: cannot be used yet",
    )
    reason = serializers.CharField(help_text="why it does not count")


class DayFillsOut(serializers.Serializer[DayFills]):
    """A UTC day's figures and all that they stand on."""

    date = serializers.DateField(help_text="UTC day")
    pnl = Exact(help_text="USD, sum of `products`")
    trade_count = serializers.IntegerField(help_text="sum of `products`")
    held_count = serializers.IntegerField(help_text="sum of `products`")
    realized = Exact(allow_null=True, help_text="USD, sum of `products`; null if one of them is")
    products = DayProductOut(many=True, help_text="from most to least profitable")
    trades = DayRunOut(
        many=True, help_text="closed on the day, in closing order: their pnl add up to `pnl`"
    )
    open = DayRunOut(
        many=True,
        help_text="held over the day's end with a fill on it: with `trades`, what all of them "
        "realised on the day adds up to `realized`",
    )
    unused = UnusedFillOut(many=True, help_text="rows of the day that count in no position")
