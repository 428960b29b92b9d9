"""The shape of the group's sums by tag."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from common.api import MetaOut
from comparative.serializers.figures import FigureOut


class _Named(FigureOut):
    """A place in the taxonomy."""

    id = serializers.IntegerField(help_text="of the tag; it stays")
    type = serializers.ChoiceField(["fixed"], help_text="custom tags are not compared")
    name = serializers.CharField(help_text="e.g. Breakout")


class GroupLeafTagOut(_Named):
    """What the group made with the trades of one tag, and of the custom tags under it."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        none = serializers.ListField(
            child=serializers.DictField(), max_length=0, help_text="none: custom tags are not told"
        )
        return {**super().get_fields(), "children": none}


class GroupTagOut(_Named):
    """What the group made with the trades of one category, each counted once."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        children = GroupLeafTagOut(many=True, help_text="its tags, in their order, all of them")
        return {**super().get_fields(), "children": children}


class GroupTagMetaOut(MetaOut):
    """Meta of sums by tag."""

    total_categories = serializers.IntegerField(help_text="in the tree, retired ones apart")
    total_subcategories = serializers.IntegerField(help_text="tags of all categories")
