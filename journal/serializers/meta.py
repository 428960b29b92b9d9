"""What stands beside one thing of a journal."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class JournalMetaOut(serializers.Serializer[Any]):
    """Meta of one thing of a journal."""

    trader = serializers.IntegerField(
        allow_null=True, help_text="id of the trader whose journal it is"
    )
