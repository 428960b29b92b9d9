"""Shapes of images and comments, wherever they stand."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from common.api import Id, PageMetaOut, PageParams, Text, UtcDateTime
from journal.actions.comments import MOST_CHARACTERS
from journal.queries.comments import CommentRow
from journal.queries.images import ImageRow, Storage
from journal.serializers.tags import JournalParams


class ImageOut(serializers.Serializer[ImageRow]):
    """An image of a trade or an entry, made anew from what was uploaded."""

    id = serializers.UUIDField(help_text="for `journal/images/{id}`")
    url = serializers.URLField(
        help_text="opens it without a token for ten minutes, as long as the session lasts: for "
        "`<img>`; read the list again for another"
    )
    content_type = serializers.ChoiceField(
        choices=["image/png", "image/jpeg", "image/webp"], help_text="as it was uploaded"
    )
    width = serializers.IntegerField(help_text="pixels")
    height = serializers.IntegerField(help_text="pixels")
    size = serializers.IntegerField(help_text="bytes, of the quota")
    created_at = UtcDateTime(help_text="when it was uploaded")


# What may stay empty shows empty in Swagger's form: it would send its own invention.
@extend_schema_field({"type": "string", "format": "uuid", "example": ""})
class _TradeOfForm(serializers.UUIDField):
    pass


@extend_schema_field({"type": "integer", "format": "int64", "minimum": 1, "example": ""})
class _EntryOfForm(Id):
    pass


class UploadIn(serializers.Serializer[Any]):
    """A picture, and what it is of: give either `trade` or `entry`."""

    image = serializers.FileField(
        allow_empty_file=True, help_text="PNG, JPEG or WebP, up to 5 MB and 32 million pixels"
    )
    trade = _TradeOfForm(required=False, help_text="id of an own trade")
    entry = _EntryOfForm(required=False, help_text="id of an own entry")

    def to_internal_value(self, data: Any) -> Any:
        """Take what a form left empty for left out."""
        return super().to_internal_value({name: data[name] for name in data if data[name] != ""})

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("trade" in attrs) == ("entry" in attrs):
            raise serializers.ValidationError({"trade": ["Give either trade or entry"]})
        return {"trade": None, "entry": None, **attrs}


class StorageOut(serializers.Serializer[Storage]):
    """Room that the images of one trader take."""

    used = serializers.IntegerField(help_text="bytes")
    quota = serializers.IntegerField(help_text="bytes that they may take")
    count = serializers.IntegerField(help_text="images")


class CommentOut(serializers.Serializer[CommentRow]):
    """What the trader or a coach said about a trade or an entry."""

    id = serializers.IntegerField(help_text="for `journal/comments/{id}`")
    trader = serializers.IntegerField(help_text="id of the trader whose trade or entry it is")
    trade = serializers.UUIDField(allow_null=True, help_text="that it is about; null: an entry")
    entry = serializers.IntegerField(allow_null=True, help_text="that it is about; null: a trade")
    author = serializers.CharField(help_text="name of who wrote it, as it was then")
    by_coach = serializers.BooleanField(help_text="false: by the trader")
    is_own = serializers.BooleanField(help_text="the viewer wrote it, and may delete it")
    text = serializers.CharField(help_text="plain text, or markdown if you like")
    created_at = UtcDateTime(help_text="when it was written")
    acknowledged_at = UtcDateTime(
        allow_null=True, help_text="when the other side first said that it was read; null: not yet"
    )
    to_acknowledge = serializers.BooleanField(
        help_text="it waits for the viewer: show it as unread"
    )


class CommentIn(serializers.Serializer[Any]):
    """A comment."""

    text = Text(max_length=MOST_CHARACTERS, help_text=f"up to {MOST_CHARACTERS:,} characters")


class CommentsParams(JournalParams, PageParams):
    """Which comments."""

    unacknowledged = serializers.BooleanField(
        default=False, help_text="only those that wait for the viewer: the unread ones"
    )


class CommentsMetaOut(PageMetaOut):
    """Meta of a page of comments."""

    unacknowledged = serializers.IntegerField(
        help_text="on all pages, how many wait for the viewer: the number of a badge"
    )


class DeletedOut(serializers.Serializer[Any]):
    """What is gone."""

    id = serializers.IntegerField(help_text="that it had")
