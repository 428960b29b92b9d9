"""Shapes of traders."""

from __future__ import annotations

from rest_framework import serializers

from traders.queries import AccountRow, TraderRow


class AccountOut(serializers.Serializer[AccountRow]):
    """An account of a trader on a trading platform."""

    platform = serializers.CharField(help_text="short name of the platform")
    account = serializers.CharField(help_text="the account's name on that platform")
    is_sim = serializers.BooleanField(help_text="true for simulated money")


class TraderOut(serializers.Serializer[TraderRow]):
    """A trader of the own group, and the log-in that belongs to the trader."""

    id = serializers.IntegerField(help_text="for `trader=` of the personal readings")
    name = serializers.CharField(help_text="for display")
    accounts = AccountOut(many=True, help_text="the first added first")
    user = serializers.IntegerField(allow_null=True, help_text="id of the log-in; null without one")
    opt_out = serializers.BooleanField(help_text="left out of what the group's traders compare")
    is_archived = serializers.BooleanField(help_text="gone; the books stay")
    offices = serializers.CharField(allow_null=True, help_text="where the trader sits")
    floor = serializers.IntegerField(allow_null=True, help_text="which floor of the office")
    stage = serializers.IntegerField(allow_null=True, help_text="stage of the training")
    style = serializers.CharField(  # type: ignore[assignment]
        allow_null=True, help_text="trading style, e.g. scalper"
    )
