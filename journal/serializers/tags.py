"""Shapes of the taxonomy and of what is tagged."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from common.api import Id, ListMetaOut, Params, Repeated
from common.api.fields import Line
from journal.actions.custom_tags import CustomTag
from journal.actions.custom_tags import Untagged as Deleted
from journal.actions.tagging import Tagged
from journal.queries.tags import Borne, TagNode

MOST_TAGS, MOST_TRADES = 100, 500


class JournalParams(Params):
    """Whose journal."""

    trader = Id(default=None, help_text="id of a trader of the own group; admins only")


class TagFilterParams(Params):
    """Which trades, by what they bear."""

    tag = Repeated(
        child=Id(),
        help_text="ids of tags; trades that bear one of them, or one that hangs under it",
    )
    untagged = serializers.BooleanField(
        default=False, help_text="trades without any tag; beside those of `tag`"
    )


class _NodeOut(serializers.Serializer[TagNode]):
    id = serializers.IntegerField(help_text="for `tag=` and for tagging; stays for good")
    name = serializers.CharField(help_text="may be changed by operators; a custom one by its owner")
    retired = serializers.BooleanField(
        help_text="it or what it hangs under takes no new trades; offer it only as a filter"
    )


class CustomTagNodeOut(_NodeOut):
    """A custom tag of the trader, under a fixed tag."""

    assignable = serializers.BooleanField(help_text="a trade may be given it")


class TagNodeOut(CustomTagNodeOut):
    """A fixed tag with the trader's custom tags."""

    children = CustomTagNodeOut(many=True, help_text="the trader's custom tags, by name")


class TagCategoryOut(_NodeOut):
    """A category with its tags; trades are given these, not the category."""

    children = TagNodeOut(many=True, help_text="its tags, in the order of the taxonomy")


class TagsMetaOut(ListMetaOut):
    """What the tree holds, without what is retired."""

    trader = serializers.IntegerField(
        allow_null=True, help_text="id of the trader whose custom tags these are; null without one"
    )
    total_categories = serializers.IntegerField(help_text="categories that are not retired")
    total_subcategories = serializers.IntegerField(help_text="fixed tags that are not retired")
    total_custom_tags = serializers.IntegerField(help_text="custom tags that may be given")


class TagIn(serializers.Serializer[Any]):
    """A custom tag."""

    name = Line(max_length=60, help_text="once under its parent; capitals make no difference")
    parent = Id(  # type: ignore[assignment]  # DRF takes it off the class
        source="parent_id", help_text="id of the fixed tag that it hangs under"
    )


class CustomTagOut(serializers.Serializer[CustomTag]):
    """A custom tag."""

    id = serializers.IntegerField(help_text="stays, whatever it is called")
    name = serializers.CharField(help_text="trimmed")
    parent = serializers.IntegerField(  # type: ignore[assignment]
        source="parent_id", help_text="id of the fixed tag that it hangs under"
    )


class DeletedTagOut(serializers.Serializer[Deleted]):
    """A custom tag that is gone, and how much bore it."""

    id = serializers.IntegerField(help_text="that it had")
    name = serializers.CharField(help_text="that it had")
    parent = serializers.IntegerField(  # type: ignore[assignment]
        source="parent_id", help_text="id of the fixed tag that it hung under"
    )
    trades = serializers.IntegerField(help_text="trades that it was taken off")
    entries = serializers.IntegerField(help_text="entries of the journal that it was taken off")


class BorneTagOut(serializers.Serializer[Borne]):
    """A tag where it stands."""

    id = serializers.IntegerField(help_text="as in `journal/tags`")
    name = serializers.CharField(help_text="the last of `path`")
    path = serializers.ListField(
        child=serializers.CharField(), help_text="names from the category down to its own"
    )


class AddTagsIn(serializers.Serializer[Any]):
    """One tag, or several."""

    tag = Id(required=False, help_text="id of a tag; instead of `tags`")
    tags = serializers.ListField(
        child=Id(), required=False, max_length=MOST_TAGS, help_text="ids of tags"
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if len(attrs) != 1:
            raise serializers.ValidationError({"tags": ["Give either tag or tags"]})
        (field,) = attrs
        return {"field": field, "tags": attrs[field] if field == "tags" else [attrs[field]]}


class SetTagsIn(serializers.Serializer[Any]):
    """All the tags of a trade."""

    tags = serializers.ListField(
        child=Id(), max_length=MOST_TAGS, help_text="ids of tags; none takes all of them off"
    )


class TagTradesIn(serializers.Serializer[Any]):
    """Tags for many trades at once."""

    trades = serializers.ListField(
        child=serializers.UUIDField(), max_length=MOST_TRADES, allow_empty=False,
        help_text=f"ids of own trades, up to {MOST_TRADES}",
    )  # fmt: skip
    tags = serializers.ListField(
        child=Id(), max_length=MOST_TAGS, allow_empty=False, help_text="ids of tags, for all"
    )


class TaggedOut(serializers.Serializer[Tagged]):
    """What was tagged."""

    trades = serializers.IntegerField(help_text="trades that bear the tags now")
    tags = serializers.IntegerField(help_text="tags that each of them bears now")
    added = serializers.IntegerField(help_text="pairs that were not there before")
