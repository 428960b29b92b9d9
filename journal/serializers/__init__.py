"""The shapes of the journal, and what may be asked and written."""

from journal.serializers.prompts import PromptMetaOut, PromptOut

__all__ = ["PromptMetaOut", "PromptOut"]
