"""Shapes of the group's record, the viewer's place in it, and the coach's table."""

from __future__ import annotations

from rest_framework import serializers

from common.api import PeriodParams, Usd, UtcDateTime
from comparative.queries.standing import Rank, Standing
from comparative.queries.traders_overview import TraderLine
from comparative.queries.win_loss_ratio import GroupRates
from futures.serializers import ProductsParams


class GroupRatesOut(serializers.Serializer[GroupRates]):
    """Counts, and rates as fractions of 1; what is undefined is null."""

    trade_count = serializers.IntegerField(
        allow_null=True, help_text="closed trades of all visible traders whose pnl is known"
    )
    win_count = serializers.IntegerField(allow_null=True, help_text="closed with pnl > 0")
    loss_count = serializers.IntegerField(allow_null=True, help_text="closed with pnl < 0")
    scratch_count = serializers.IntegerField(allow_null=True, help_text="closed with pnl = 0")
    win_rate = serializers.FloatField(allow_null=True, help_text="wins / trades")
    loss_rate = serializers.FloatField(allow_null=True, help_text="losses / trades")
    win_loss_ratio = serializers.FloatField(allow_null=True, help_text="wins / losses")
    suppressed = serializers.BooleanField(
        help_text="true where fewer other traders than the group's min_cohort stand behind all of "
        "it: then everything else is null"
    )


class GroupWinLossOut(GroupRatesOut):
    """Counts, rates as fractions of 1, and averages for admins; what is undefined is null."""

    average_win = Usd(required=False, allow_null=True, help_text="of the wins; admins only")
    average_loss = Usd(
        required=False, allow_null=True, help_text="of the losses, negative; admins only"
    )
    payoff_ratio = serializers.FloatField(
        required=False, allow_null=True, help_text="average_win / |average_loss|; admins only"
    )


class RankOut(serializers.Serializer[Rank]):
    """A place among the group's traders."""

    rank = serializers.IntegerField(
        allow_null=True, help_text="1 = the highest figure; equals share a rank"
    )
    percentile = serializers.FloatField(
        allow_null=True,
        help_text="how many percent of the other ranked traders stand below, equals counting half: "
        "100 at the top, 0 at the bottom",
    )
    ranked = serializers.IntegerField(
        allow_null=True, help_text="traders for whom the figure is defined, the viewer included"
    )


class StandingOut(serializers.Serializer[Standing]):
    """The viewer's place in the group by each figure; null where there is none to tell."""

    pnl = RankOut(help_text="by the sum of the pnl")
    win_rate = RankOut(help_text="by wins / trades")
    profit_factor = RankOut(help_text="by gross profit / |gross loss|; ranked are who lost once")
    expectancy = RankOut(help_text="by pnl / trades")


class OverviewParams(ProductsParams, PeriodParams):
    """A period of the whole group in some products, or in all."""


class TraderLineOut(serializers.Serializer[TraderLine]):
    """A trader's line in the coach's table."""

    id = serializers.IntegerField(help_text="for `trader=` of the personal readings")
    name = serializers.CharField(help_text="for display")
    opt_out = serializers.BooleanField(help_text="left out of what the group's traders compare")
    pnl = Usd(help_text="net of fees")
    trade_count = serializers.IntegerField(help_text="closed trades whose pnl is known")
    win_rate = serializers.FloatField(allow_null=True, help_text="wins / trades")
    profit_factor = serializers.FloatField(allow_null=True, help_text="gross_profit / |gross_loss|")
    expectancy = Usd(allow_null=True, help_text="pnl per trade")
    max_drawdown = Usd(help_text="deepest fall of the cumulative daily pnl, its peak from 0")
    last_trade_at = UtcDateTime(
        allow_null=True, help_text="when the last trade of the period closed; null without one"
    )
