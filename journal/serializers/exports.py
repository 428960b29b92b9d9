"""What may be exported, and as what."""

from __future__ import annotations

from rest_framework import serializers

from common.api import Params
from journal.serializers.analytics import ChosenParams
from journal.serializers.entries import FoundEntriesParams

CSV, EXCEL = "csv", "xlsx"


class FileParams(Params):
    """Which kind of file."""

    format = serializers.ChoiceField(
        choices=[CSV, EXCEL], default=CSV, help_text="csv: UTF-8 with a byte order mark"
    )


class ExportTradesParams(ChosenParams, FileParams):
    """Which closed trades, in which kind of file."""


class ExportEntriesParams(FoundEntriesParams, FileParams):
    """Which entries, in which kind of file."""
