"""The shape of one trader's sums by tag."""

from __future__ import annotations

from rest_framework import serializers

from common.api import MetaOut, Usd
from personal.queries.performance_by_tag import TagResult


class _TagResultOut(serializers.Serializer[TagResult]):
    """A place in the taxonomy, and what the trades on it or below it made, each counted once."""

    id = serializers.IntegerField(help_text="of the tag; it stays")
    type = serializers.ChoiceField(
        ["fixed", "custom"], help_text="fixed: everybody's; custom: the trader's own"
    )
    name = serializers.CharField(help_text="e.g. Breakout")
    pnl = Usd(help_text="net of fees; 0 where no trade bears it")
    trade_count = serializers.IntegerField(help_text="closed trades whose pnl is known")


class CustomTagResultOut(_TagResultOut):
    """A trader's own tag."""

    children = serializers.ListField(
        child=serializers.DictField(), max_length=0, help_text="none: this is the last level"
    )


class TagResultOut(_TagResultOut):
    """A tag of a category."""

    children = CustomTagResultOut(many=True, help_text="the trader's own tags under it")


class CategoryResultOut(_TagResultOut):
    """A category of the taxonomy."""

    children = TagResultOut(many=True, help_text="its tags, in their order, all of them")


class TagTreeMetaOut(MetaOut):
    """Meta of sums by tag."""

    total_categories = serializers.IntegerField(help_text="in the tree, retired ones apart")
    total_subcategories = serializers.IntegerField(help_text="tags of all categories")
    total_custom_tags = serializers.IntegerField(help_text="of the trader")
