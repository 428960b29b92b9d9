"""Shapes of what the journal answers."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class PromptOut(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    date = serializers.DateField(help_text="the Monday of its week, UTC")
    prompt_message = serializers.CharField(help_text="to be shown as it is")
    group_id = serializers.IntegerField()
    trader_id = serializers.IntegerField(
        allow_null=True, help_text="null: it greets the whole group"
    )
    prompt_type = serializers.ChoiceField(
        choices=["weekly", "custom"],
        help_text="weekly: from last week's results; custom: somebody's own words",
    )
    product_symbol = serializers.CharField(
        allow_null=True, help_text="the product that it speaks of, if any"
    )


class PromptMetaOut(serializers.Serializer[Any]):
    """Whom the answer greets, and in which week."""

    date = serializers.DateField(help_text="the Monday of this week, UTC")
    group_id = serializers.IntegerField(allow_null=True, help_text="the viewer's group")
    trader_id = serializers.IntegerField(allow_null=True, help_text="the viewer's trader")
