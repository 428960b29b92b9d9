"""The journal's doors: read, allow, ask, reply."""

from journal.views.analytics import (
    DailyPnl,
    DurationProfit,
    EquityCurve,
    FilterOptions,
    Overview,
    ReturnDistribution,
    SymbolBreakdown,
    TimeDistribution,
)
from journal.views.comments import Acknowledge, Comment, Comments, EntryComments, TradeComments
from journal.views.detached import Attach, Detached
from journal.views.entries import Entries, Entry
from journal.views.exports import ExportEntries, ExportTrades
from journal.views.images import Image, Storage, Upload
from journal.views.prompts import WelcomePrompt
from journal.views.tagging import TradesTags, TradeTag, TradeTags
from journal.views.tags import Tag, Tags
from journal.views.trades import Trade, TradeNotes, Trades

__all__ = [
    "Acknowledge",
    "Attach",
    "Comment",
    "Comments",
    "DailyPnl",
    "Detached",
    "DurationProfit",
    "Entries",
    "Entry",
    "EntryComments",
    "EquityCurve",
    "ExportEntries",
    "ExportTrades",
    "FilterOptions",
    "Image",
    "Overview",
    "ReturnDistribution",
    "Storage",
    "SymbolBreakdown",
    "Tag",
    "Tags",
    "TimeDistribution",
    "Trade",
    "TradeComments",
    "TradeNotes",
    "TradeTag",
    "TradeTags",
    "Trades",
    "TradesTags",
    "Upload",
    "WelcomePrompt",
]
