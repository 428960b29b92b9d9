"""Shapes of what the journal answers."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class PromptOut(serializers.Serializer[Any]):
    """A message that greets a trader or a whole group for one week."""

    id = serializers.IntegerField(help_text="of this week's prompt; another one next week")
    date = serializers.DateField(help_text="the Monday of its week, UTC")
    prompt_message = serializers.CharField(help_text="to be shown as it is")
    group_id = serializers.IntegerField(help_text="the group that it greets, or the trader's")
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
