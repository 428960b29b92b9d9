"""The form of every personal answer: that of all about one trader's books."""

from ledger.reading import Reading, reading

__all__ = ["Reading", "reading"]
