"""Shapes of how the books compare with what others say."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from common.api import UtcDateTime
from ingestion.queries import STATES, Reconciliation, WatchedDay, WatchedRun


class _WatchedOut(serializers.Serializer[Any]):
    """Whose and which contract a line is about."""

    trader = serializers.IntegerField(source="whose.trader_id", help_text="id of the trader")
    trader_name = serializers.CharField(source="whose.trader", help_text="for display")
    account = serializers.CharField(
        source="whose.account", help_text="the account's name on its platform"
    )
    is_sim = serializers.BooleanField(source="whose.is_sim", help_text="true for simulated money")
    product = serializers.CharField(source="told.product", help_text="symbol")
    product_id = serializers.IntegerField(source="told.product_id", help_text="for `product=`")
    contract = serializers.CharField(source="told.contract", help_text="e.g. ES Mar26")
    state = serializers.ChoiceField(
        source="told.state", choices=STATES, help_text="of the day; of a run: of its last day"
    )


class OpenRunOut(_WatchedOut, serializers.Serializer[WatchedRun]):
    """A position that has been held for more than two UTC days."""

    quantity = serializers.IntegerField(
        source="told.quantity", help_text="contracts, negative where short"
    )
    opened_at = UtcDateTime(source="told.opened_at", help_text="by the fill that opened it")
    opened_by = serializers.CharField(source="told.exec_id", help_text="execution id of that fill")
    age_days = serializers.IntegerField(
        source="told.days", help_text="ends of UTC days over which it is held, to this day"
    )
    is_spread = serializers.BooleanField(
        source="told.is_spread",
        help_text="held against another month of the product: a calendar spread, no problem",
    )


class ReconciledDayOut(_WatchedOut, serializers.Serializer[WatchedDay]):
    """One UTC day of an account in a contract: with fills, or held over its end."""

    date = serializers.DateField(source="told.day", help_text="UTC day")
    reason = serializers.CharField(
        source="told.reason", allow_blank=True, help_text="a sentence; empty where all is well"
    )
    fill_count = serializers.IntegerField(source="told.fill_count", help_text="usable fills")
    bought = serializers.IntegerField(source="told.bought", help_text="contracts")
    sold = serializers.IntegerField(source="told.sold", help_text="contracts")
    position = serializers.IntegerField(
        source="told.position", help_text="contracts at the end of the day, negative where short"
    )
    opened_at = UtcDateTime(
        source="told.open_since", allow_null=True, help_text="of what is held; null where flat"
    )
    is_spread = serializers.BooleanField(
        source="told.is_spread",
        help_text="held against another month of the product: a calendar spread, no problem",
    )
    provider_position = serializers.IntegerField(
        source="told.provider_position",
        allow_null=True,
        help_text="contracts, as the provider tells it; null: not told, or not compared yet",
    )
    second_bought = serializers.IntegerField(
        source="told.second_bought", allow_null=True, help_text="by the second feed; null: no such"
    )
    second_sold = serializers.IntegerField(
        source="told.second_sold", allow_null=True, help_text="by the second feed; null: no such"
    )
    checked_at = UtcDateTime(
        source="told.checked_at", help_text="when a check first came to say this"
    )


class StateCountsOut(serializers.Serializer[dict[str, int]]):
    """Days of an account in a contract, of the period, by state."""

    skipped = serializers.IntegerField(help_text="a usable fill is in no trade: must never be")
    mismatch = serializers.IntegerField(
        help_text="the provider's positions, or the second feed, say otherwise"
    )
    unverifiable = serializers.IntegerField(help_text="cannot be told yet")
    open = serializers.IntegerField(help_text="a position was held over the end of the day")
    flat = serializers.IntegerField(help_text="flat at the end of the day")


class ReconciliationOut(serializers.Serializer[Reconciliation]):
    """A page of days, what they come to, and what is held for long."""

    totals = StateCountsOut(help_text="of the whole period, whatever `state` says")
    open_runs = OpenRunOut(
        many=True, help_text="held now, the oldest first, whatever period and `state` say"
    )
    days = ReconciledDayOut(
        many=True, help_text="this page: the newest first, then by account and contract"
    )
