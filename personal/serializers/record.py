"""Shapes of single results: the metric table, wins against losses, PnL by day and size."""

from __future__ import annotations

from rest_framework import serializers

from calc.metrics import Summary, WinLoss
from common.api import Usd
from ledger.serializers import BinOut
from personal.queries.record import Day, Pnl


class WinLossOut(serializers.Serializer[WinLoss]):
    """Counts, rates as fractions of 1, averages in USD; what is undefined is null."""

    trade_count = serializers.IntegerField(help_text="closed trades whose pnl is known")
    win_count = serializers.IntegerField(help_text="closed with pnl > 0")
    loss_count = serializers.IntegerField(help_text="closed with pnl < 0")
    scratch_count = serializers.IntegerField(help_text="closed with pnl = 0")
    win_rate = serializers.FloatField(allow_null=True, help_text="wins / trades")
    loss_rate = serializers.FloatField(allow_null=True, help_text="losses / trades")
    win_loss_ratio = serializers.FloatField(allow_null=True, help_text="wins / losses")
    average_win = Usd(allow_null=True, help_text="gross profit / wins")
    average_loss = Usd(allow_null=True, help_text="gross loss / losses, negative")
    payoff_ratio = serializers.FloatField(allow_null=True, help_text="average_win / |average_loss|")


class SummaryOut(serializers.Serializer[Summary]):
    """Every metric; money in USD, rates as fractions of 1; what is undefined is null."""

    trade_count = serializers.IntegerField(help_text="closed trades whose pnl is known")
    win_count = serializers.IntegerField(help_text="closed with pnl > 0")
    loss_count = serializers.IntegerField(help_text="closed with pnl < 0")
    scratch_count = serializers.IntegerField(help_text="closed with pnl = 0")
    pnl = Usd(help_text="net of fees")
    win_rate = serializers.FloatField(allow_null=True, help_text="wins / trades")
    loss_rate = serializers.FloatField(allow_null=True, help_text="losses / trades")
    win_loss_ratio = serializers.FloatField(allow_null=True, help_text="wins / losses")
    gross_profit = Usd(help_text="sum of pnl > 0")
    gross_loss = Usd(help_text="sum of pnl < 0")
    profit_factor = serializers.FloatField(allow_null=True, help_text="gross_profit / |gross_loss|")
    average_win = Usd(allow_null=True, help_text="gross profit / wins")
    average_loss = Usd(allow_null=True, help_text="gross loss / losses, negative")
    payoff_ratio = serializers.FloatField(allow_null=True, help_text="average_win / |average_loss|")
    expectancy = Usd(allow_null=True, help_text="pnl per trade")
    largest_win = Usd(allow_null=True, help_text="pnl of the best winning trade")
    largest_loss = Usd(allow_null=True, help_text="pnl of the worst losing trade, negative")
    max_consecutive_wins = serializers.IntegerField(
        help_text="by closing order; a scratch neither breaks nor extends a run"
    )
    max_consecutive_losses = serializers.IntegerField(help_text="likewise")
    max_drawdown = Usd(help_text="deepest fall of the cumulative daily pnl, its peak from 0")
    recovery_factor = serializers.FloatField(allow_null=True, help_text="pnl / max_drawdown")
    sharpe = serializers.FloatField(
        allow_null=True,
        help_text="sqrt(252) mean / sd of the daily pnl, Mondays to Fridays and days with a trade",
    )
    sortino = serializers.FloatField(
        allow_null=True, help_text="as sharpe, against the losing days only"
    )
    sqn = serializers.FloatField(allow_null=True, help_text="sqrt(trades) mean / sd of the pnl")
    average_hold_seconds = serializers.FloatField(
        allow_null=True, help_text="first entry to last exit"
    )
    median_hold_seconds = serializers.FloatField(
        allow_null=True, help_text="first entry to last exit"
    )


class DayOut(serializers.Serializer[Day]):
    """A day with a closed trade, and the sum up to it."""

    date = serializers.DateField(help_text="UTC day of the closing fill")
    pnl = Usd(help_text="net of fees")
    cumulative_pnl = Usd(help_text="since start_date")
    trade_count = serializers.IntegerField(help_text="closed trades whose pnl is known")


class PerformanceByPnlOut(serializers.Serializer[Pnl]):
    """PnL by day and by size."""

    days = DayOut(many=True, help_text="days with a closed trade, oldest first")
    distribution = BinOut(
        many=True, help_text="at most 20 neighbouring bins of one round width, an edge at 0"
    )
