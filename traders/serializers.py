"""Shapes of traders."""

from __future__ import annotations

from rest_framework import serializers

from traders.queries import AccountRow, TraderRow


class AccountOut(serializers.Serializer[AccountRow]):
    platform = serializers.CharField()
    account = serializers.CharField()
    is_sim = serializers.BooleanField()


class TraderOut(serializers.Serializer[TraderRow]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    accounts = AccountOut(many=True)
    user = serializers.IntegerField(allow_null=True, help_text="the log-in, if there is one")
    opt_out = serializers.BooleanField()
    is_archived = serializers.BooleanField()
    offices = serializers.CharField(allow_null=True)
    floor = serializers.IntegerField(allow_null=True)
    stage = serializers.IntegerField(allow_null=True)
    style = serializers.CharField(allow_null=True)  # type: ignore[assignment]
