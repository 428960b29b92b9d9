"""Shapes of trades in the journal."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from common.api import PageParams, Price, Text, Usd, UtcDateTime
from journal.serializers.pages import CommentOut, ImageOut
from journal.serializers.tags import BorneTagOut, JournalParams, TagFilterParams
from ledger.serializers import ClosedTradeOut, ClosedTradesParams, PositionSide

MOST_CHARACTERS = 20_000


class JournalTradesParams(TagFilterParams, ClosedTradesParams):
    """Which closed trades, in which order."""


class WrittenOut(serializers.Serializer[Any]):
    """What was written about a trade."""

    tags = BorneTagOut(many=True, help_text="in the order of the taxonomy")
    notes = serializers.CharField(help_text="markdown; may be empty")
    images = ImageOut(many=True, help_text="oldest first")
    comments = CommentOut(many=True, help_text="of the trader and the coaches, oldest first")


class JournalTradeOut(WrittenOut, ClosedTradeOut):
    """A closed trade, and what was written about it."""


class NotesIn(serializers.Serializer[Any]):
    """A trader's words about a trade."""

    notes = Text(
        max_length=MOST_CHARACTERS, allow_blank=True, trim_whitespace=False,
        help_text=f"markdown, up to {MOST_CHARACTERS:,} characters; empty removes them",
    )  # fmt: skip


class NotesOut(serializers.Serializer[Any]):
    """What is noted about a trade."""

    notes = serializers.CharField(help_text="markdown; may be empty")


class DetachedParams(JournalParams, PageParams):
    """Whose writings, and which page of them."""


class DetachedOut(WrittenOut):
    """A trade that the books no longer hold, as it was last, and what was written about it."""

    id = serializers.UUIDField(source="trade_id", help_text="that the trade had")
    product = serializers.CharField(help_text="symbol")
    contract = serializers.CharField(help_text="e.g. ES Mar26")
    side = PositionSide(help_text="side of its first fill")
    quantity = serializers.IntegerField(help_text="contracts")
    opened_at = UtcDateTime(help_text="first fill, UTC")
    closed_at = UtcDateTime(
        allow_null=True, help_text="last fill, UTC; null for one that was still open"
    )
    entry_price = Price(help_text="quantity-weighted")
    exit_price = Price(allow_null=True, help_text="quantity-weighted; null likewise")
    pnl = Usd(allow_null=True, help_text="as it was last")
    detached_at = UtcDateTime(help_text="when the books lost it, UTC")


class AttachIn(serializers.Serializer[Any]):
    """Where the writings shall go."""

    trade = serializers.UUIDField(help_text="id of an own trade")
