"""Shapes of entries."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from common.api import Day, Id, OpenPeriodParams, PageParams, Text, UtcDateTime
from common.api.fields import Line
from journal.actions.entries import DeletedEntry, Words
from journal.queries.entries import EntryRow
from journal.serializers.pages import CommentOut, ImageOut
from journal.serializers.tags import BorneTagOut, JournalParams

MOST_CHARACTERS = 50_000
MOST_TRADES, MOST_TAGS = 200, 50


class FoundEntriesParams(JournalParams, OpenPeriodParams):
    """Which entries."""

    q = serializers.CharField(
        default="",
        allow_blank=True,
        max_length=200,
        help_text="words that title and body hold, all of them; the beginning of a word is enough",
    )


class EntriesParams(FoundEntriesParams, PageParams):
    """Which entries, and which page of them."""


class EntryIn(serializers.Serializer[Any]):
    """All of an entry: what is left out is empty."""

    date = Day(help_text="the UTC day that it speaks of")
    title = Line(max_length=200, help_text="one line")
    body = Text(
        default="", allow_blank=True, trim_whitespace=False, max_length=MOST_CHARACTERS,
        help_text=f"markdown, up to {MOST_CHARACTERS:,} characters",
    )  # fmt: skip
    mood = Line(default="", allow_blank=True, max_length=40, help_text="a word of your own")
    trades = serializers.ListField(
        child=serializers.UUIDField(), default=list, max_length=MOST_TRADES,
        help_text=f"ids of own trades that it speaks of, up to {MOST_TRADES}",
    )  # fmt: skip
    tags = serializers.ListField(
        child=Id(), default=list, max_length=MOST_TAGS,
        help_text=f"ids of tags, fixed or own ones, up to {MOST_TAGS}",
    )  # fmt: skip

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        read_at = attrs.pop("updated_at", None)
        return {"words": Words(**attrs), "read_at": read_at}


class ChangedEntryIn(EntryIn):
    """All of an entry, in place of what it was: what is left out is empty."""

    updated_at = UtcDateTime(
        required=False,
        help_text="as you read it; where somebody has changed the entry since, 409. Left out: "
        "overwrites",
    )


class EntryOut(serializers.Serializer[EntryRow]):
    """A dated page of a journal."""

    id = serializers.IntegerField(help_text="for `journal/entries/{id}`")
    date = serializers.DateField(help_text="the UTC day that it speaks of")
    title = serializers.CharField(help_text="one line")
    body = serializers.CharField(help_text="markdown; may be empty")
    mood = serializers.CharField(help_text="may be empty")
    trades = serializers.ListField(
        child=serializers.UUIDField(), help_text="ids of the trades that it speaks of"
    )
    tags = BorneTagOut(many=True, help_text="in the order of the taxonomy")
    images = ImageOut(many=True, help_text="oldest first")
    comments = CommentOut(many=True, help_text="oldest first")
    to_acknowledge = serializers.IntegerField(
        help_text="how many of the comments wait for the viewer"
    )
    created_at = UtcDateTime(help_text="when it was first written")
    updated_at = UtcDateTime(help_text="when it was last written; send it with a PUT")


class DeletedEntryOut(serializers.Serializer[DeletedEntry]):
    """An entry that is gone, and what went with it."""

    id = serializers.IntegerField(help_text="that it had")
    images = serializers.IntegerField(help_text="images of it")
    comments = serializers.IntegerField(help_text="comments on it")
