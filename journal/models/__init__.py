"""What is written about trading: tags, notes, entries, images, comments, welcome prompts."""

from journal.models.prompts import PromptType, WelcomePrompt
from journal.models.rolled import CountedTrade, TagDay
from journal.models.tags import Layer, Tag, TradeTag
from journal.models.trades import Detached, Followed, TradeNote
from journal.models.writing import Comment, Entry, EntryTag, EntryTrade, Image

__all__ = [
    "Comment",
    "CountedTrade",
    "Detached",
    "Entry",
    "EntryTag",
    "EntryTrade",
    "Followed",
    "Image",
    "Layer",
    "PromptType",
    "Tag",
    "TagDay",
    "TradeNote",
    "TradeTag",
    "WelcomePrompt",
]
