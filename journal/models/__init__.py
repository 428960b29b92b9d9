"""What is written about trading: tags, notes, entries, images, comments, welcome prompts."""

from journal.models.prompts import PromptType, WelcomePrompt
from journal.models.tags import Layer, Tag, TradeTag
from journal.models.trades import Detached, Followed, TradeNote
from journal.models.writing import Comment, Entry, EntryTag, EntryTrade, Image

__all__ = [
    "Comment",
    "Detached",
    "Entry",
    "EntryTag",
    "EntryTrade",
    "Followed",
    "Image",
    "Layer",
    "PromptType",
    "Tag",
    "TradeNote",
    "TradeTag",
    "WelcomePrompt",
]
