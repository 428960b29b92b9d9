"""Shapes of how ingestion stands."""

from __future__ import annotations

from rest_framework import serializers

from common.api import UtcDateTime
from ingestion.queries import ConnectionState, FeedState, Reason, Status


class FeedOut(serializers.Serializer[FeedState]):
    """One stream of a connection: when it is read, and how it went."""

    stream = serializers.CharField(help_text="accounts, fills, fx, bars or positions")
    due_at = UtcDateTime(help_text="when it is read next")
    last_ok_at = UtcDateTime(allow_null=True, help_text="last read well; null: never yet")
    lag_seconds = serializers.FloatField(
        allow_null=True, help_text="since last_ok_at; null: never yet"
    )
    history_percent = serializers.IntegerField(
        source="percent",
        allow_null=True,
        help_text="how much of the history is in, 0 to 100; null where the stream has none",
    )
    failures = serializers.IntegerField(
        source="attempts", help_text="one after the other since it last went well"
    )
    last_error = serializers.CharField(allow_blank=True, help_text="of the last failure, or empty")
    rows_read = serializers.IntegerField(help_text="ever")
    rows_new = serializers.IntegerField(help_text="of them such as were not known yet")


class RefusedRowsOut(serializers.Serializer[Reason]):
    """Rows that cannot be used, for one reason."""

    reason = serializers.CharField(help_text="a sentence")
    count = serializers.IntegerField(help_text="rows")
    last_seen_at = UtcDateTime(help_text="when the last of them came")


class WaitingFillsOut(serializers.Serializer[Reason]):
    """Fills that cannot be used yet, for one reason."""

    reason = serializers.CharField(help_text="a sentence")
    count = serializers.IntegerField(help_text="fills")


class ConnectionOut(serializers.Serializer[ConnectionState]):
    """A provider's environment that is polled for the group."""

    name = serializers.CharField(help_text="for display")
    platform = serializers.CharField(help_text="short name of the platform")
    environment = serializers.CharField(help_text="the provider's, e.g. ext_prod_live")
    is_active = serializers.BooleanField(help_text="false: switched off by an operator")
    alarm = serializers.CharField(
        allow_blank=True, help_text="what an operator must mend before it goes on; mostly empty"
    )
    alarm_at = UtcDateTime(allow_null=True, help_text="since when; null without an alarm")
    feeds = FeedOut(many=True, help_text="in the order in which they are read")
    quarantined = serializers.IntegerField(help_text="rows that could not be used, not yet settled")
    quarantine = RefusedRowsOut(many=True, help_text="why: the 20 most frequent reasons at most")
    open_instruments = serializers.IntegerField(
        help_text="of the environment that are not known or not priced yet"
    )


class FillCountsOut(serializers.Serializer[dict[str, int]]):
    """Fills of the group's accounts by state, at most a minute old; sim accounts too."""

    usable = serializers.IntegerField(help_text="counted in a position")
    replaced = serializers.IntegerField(help_text="a correction stands in their place")
    void = serializers.IntegerField(help_text="busted")
    excluded = serializers.IntegerField(help_text="kept, but never a position of their own")
    waiting = serializers.IntegerField(help_text="cannot be used yet")


class ProblemCountsOut(serializers.Serializer[dict[str, int]]):
    """Days of an account in a contract that are not reconciled, of all time."""

    skipped = serializers.IntegerField(help_text="a usable fill is in no trade: must never be")
    mismatch = serializers.IntegerField(
        help_text="the provider's positions, or the second feed, say otherwise"
    )
    unverifiable = serializers.IntegerField(help_text="cannot be told yet")


class IngestionStatusOut(serializers.Serializer[Status]):
    """How far the provider's rows are in, and what is not as it should be."""

    connections = ConnectionOut(many=True, help_text="by name")
    fills = FillCountsOut(help_text="fills by state")
    waiting = WaitingFillsOut(many=True, help_text="why fills wait: the 20 most frequent reasons")
    problems = ProblemCountsOut(help_text="days that are not reconciled")
    oldest_unreconciled_day = serializers.DateField(
        allow_null=True, help_text="the first of those days; null: there is none"
    )
    candles_due = serializers.IntegerField(
        help_text="stretches of days whose candles are to be made"
    )
    states_due = serializers.IntegerField(help_text="stretches of days that are to be checked")
