"""Shapes of what the trades of a journal tell, and which trades may be asked about."""

from __future__ import annotations

from rest_framework import serializers

from accounts.serializers import PersonalParams
from calc.metrics import Overview, Part
from common.api import OpenPeriodParams, Usd, UtcDateTime
from futures.queries import ProductName
from futures.serializers import ProductsParams
from journal.queries.analytics import (
    MOST_POINTS,
    CurvePoint,
    DurationProfit,
    HoldPoint,
    TimeDistribution,
)
from journal.queries.filter_options import FilterOptions, TagOption
from journal.serializers.tags import BorneTagOut, TagFilterParams
from ledger.closed import SIDES


class OptionsParams(PersonalParams, OpenPeriodParams):
    """Whose closed trades, of a period or of all time."""


class ChosenParams(TagFilterParams, ProductsParams, OptionsParams):
    """Which closed trades."""

    side = serializers.ChoiceField(
        choices=list(SIDES), required=False, help_text="side of the first fill; both if left out"
    )

    def validate_side(self, word: str) -> int:
        return SIDES[word]


class CurveParams(ChosenParams):
    """Which closed trades, and what a point of the curve stands for."""

    by = serializers.ChoiceField(
        choices=["trade", "day"], default="trade",
        help_text=f"`day`: a point for each day with a trade; `trade`: for each trade, up to "
        f"{MOST_POINTS:,} points",
    )  # fmt: skip


class TimeParams(ChosenParams):
    """Which closed trades, and whose time they go by."""

    by = serializers.ChoiceField(
        choices=["closed", "opened"], default="closed",
        help_text="the last fill's time or the first one's; dates choose by the last one's always",
    )  # fmt: skip


class OverviewOut(serializers.Serializer[Overview]):
    """What a trader asks first; money in USD, rates as fractions of 1; undefined is null."""

    trade_count = serializers.IntegerField(help_text="closed trades whose pnl is known")
    win_count = serializers.IntegerField(help_text="closed with pnl > 0")
    loss_count = serializers.IntegerField(help_text="closed with pnl < 0")
    scratch_count = serializers.IntegerField(help_text="closed with pnl = 0")
    day_count = serializers.IntegerField(help_text="UTC days on which one of them was closed")
    pnl = Usd(help_text="net of fees")
    win_rate = serializers.FloatField(allow_null=True, help_text="wins / trades")
    average_win = Usd(allow_null=True, help_text="gross profit / wins")
    average_loss = Usd(allow_null=True, help_text="gross loss / losses, negative")
    payoff_ratio = serializers.FloatField(allow_null=True, help_text="average_win / |average_loss|")
    profit_factor = serializers.FloatField(
        allow_null=True, help_text="sum of pnl > 0 / |sum of pnl < 0|"
    )
    expectancy = Usd(allow_null=True, help_text="pnl per trade")
    average_r = serializers.FloatField(
        allow_null=True,
        help_text="expectancy / |average_loss|: what a trade brings per dollar of an average loss. "
        "No stops are known here, so the average loss stands for the risk of a trade",
    )
    largest_win = Usd(allow_null=True, help_text="pnl of the best winning trade")
    largest_loss = Usd(allow_null=True, help_text="pnl of the worst losing trade, negative")
    max_consecutive_wins = serializers.IntegerField(help_text="by closing order, scratches apart")
    max_consecutive_losses = serializers.IntegerField(help_text="likewise")
    max_drawdown = Usd(help_text="deepest fall of the cumulative daily pnl, its peak from 0")
    average_hold_seconds = serializers.FloatField(
        allow_null=True, help_text="first entry to last exit"
    )
    median_hold_seconds = serializers.FloatField(
        allow_null=True, help_text="first entry to last exit"
    )


class CurvePointOut(serializers.Serializer[CurvePoint]):
    """Where the sum stands after one trade, or after several in a row."""

    datetime = UtcDateTime(source="at", help_text="last fill of its last trade, UTC")
    pnl = Usd(help_text="of its trades, net of fees")
    cumulative_pnl = Usd(help_text="from the first of the chosen trades to its last one")
    low = Usd(help_text="lowest cumulative pnl after one of its trades")
    high = Usd(help_text="highest one")
    trade_count = serializers.IntegerField(help_text="trades that it stands for")


class _PartOut(serializers.Serializer[Part]):
    trade_count = serializers.IntegerField(help_text="closed trades whose pnl is known")
    win_count = serializers.IntegerField(help_text="closed with pnl > 0")
    loss_count = serializers.IntegerField(help_text="closed with pnl < 0")
    pnl = Usd(help_text="net of fees")


class _SumOut(_PartOut):
    win_rate = serializers.FloatField(help_text="wins / trades")
    average_pnl = Usd(help_text="pnl per trade")


class _PerhapsEmptyOut(_PartOut):
    win_rate = serializers.FloatField(
        allow_null=True, help_text="wins / trades; null without a trade"
    )
    average_pnl = Usd(allow_null=True, help_text="pnl per trade; null likewise")


class DailyPartOut(_SumOut):
    """A day with a closed trade."""

    date = serializers.DateField(help_text="UTC day of the closing fills")
    daynumber = serializers.IntegerField(
        min_value=1, max_value=7, help_text="1 = Monday ... 7 = Sunday"
    )


class SymbolPartOut(_SumOut):
    """A product with a closed trade."""

    product = serializers.CharField(help_text="symbol")
    product_id = serializers.IntegerField(help_text="for `product=`")
    name = serializers.CharField(help_text="e.g. E-mini S&P 500")
    color = serializers.CharField(help_text="hex code, the same in every chart")
    quantity = serializers.IntegerField(help_text="contracts, sum of the opening fills")


class HoldPartOut(_PerhapsEmptyOut):
    """Trades with from_seconds <= time held < to_seconds."""

    from_seconds = serializers.IntegerField(help_text="shortest time, included")
    to_seconds = serializers.IntegerField(
        allow_null=True, help_text="longest time, not included; null in the last bin: no end"
    )


class HoldPointOut(serializers.Serializer[HoldPoint]):
    """One trade."""

    id = serializers.UUIDField(help_text="for `journal/trades/{id}`")
    product = serializers.CharField(help_text="symbol")
    product_id = serializers.IntegerField(help_text="for `product=`")
    hold_seconds = serializers.FloatField(help_text="first entry to last exit")
    pnl = Usd(help_text="net of fees")


class DurationProfitOut(serializers.Serializer[DurationProfit]):
    """Trades by how long they were held."""

    bins = HoldPartOut(many=True, help_text="always the same ones, shortest first")
    points = HoldPointOut(
        many=True,
        help_text=f"single trades, shortest first; of more than {MOST_POINTS:,} as many of them, "
        "evenly spread",
    )


class HourPartOut(_PerhapsEmptyOut):
    """An hour of the day."""

    hour = serializers.IntegerField(
        source="number", min_value=0, max_value=23, help_text="UTC, 0 = from 00:00 to before 01:00"
    )


class WeekdayPartOut(_PerhapsEmptyOut):
    """A day of the week."""

    daynumber = serializers.IntegerField(
        source="number", min_value=1, max_value=7, help_text="UTC, 1 = Monday ... 7 = Sunday"
    )


class TimeDistributionOut(serializers.Serializer[TimeDistribution]):
    """Trades by time."""

    hours = HourPartOut(many=True, help_text="all 24, from 0")
    weekdays = WeekdayPartOut(many=True, help_text="all 7, from Monday")


class ProductOptionOut(serializers.Serializer[ProductName]):
    """A product with a closed trade."""

    symbol = serializers.CharField(help_text="e.g. ES")
    id = serializers.IntegerField(help_text="for `product=`")


class TagOptionOut(serializers.Serializer[TagOption]):
    """A tag that a closed trade bears."""

    tag = BorneTagOut(help_text="where it stands; `id` for `tag=`")
    trade_count = serializers.IntegerField(help_text="trades that bear it, not what hangs under it")


class FilterOptionsOut(serializers.Serializer[FilterOptions]):
    """What there is to filter by: only what some closed trade has."""

    products = ProductOptionOut(many=True, help_text="by symbol")
    tags = TagOptionOut(
        many=True, help_text="in the order of the taxonomy; `tag=` also takes what is above them"
    )
    untagged_count = serializers.IntegerField(help_text="trades without any tag, for `untagged=`")
    sides = serializers.ListField(
        child=serializers.ChoiceField(choices=list(SIDES)), help_text="for `side=`"
    )
    first_date = serializers.DateField(
        allow_null=True, help_text="UTC day of the first close; null where nothing was closed"
    )
    last_date = serializers.DateField(allow_null=True, help_text="of the last close; null likewise")
