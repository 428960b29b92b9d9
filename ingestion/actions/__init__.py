"""Everything that changes what ingestion knows. Safe to run twice and by two at once."""

from ingestion.actions.bar_days import ask_bars_again
from ingestion.actions.connections import (
    clear_alarm,
    connect,
    ensure_feeds,
    make_due,
    read_past,
)
from ingestion.actions.fills import Source, Stored, keep_raw, store_fills
from ingestion.actions.instruments import (
    name_waiting,
    settle_instrument,
    settle_waiting,
    unanswered,
)
from ingestion.actions.quarantine import quarantine, retry, settle
from ingestion.actions.upkeep import prune

__all__ = [
    "Source",
    "Stored",
    "ask_bars_again",
    "clear_alarm",
    "connect",
    "ensure_feeds",
    "keep_raw",
    "make_due",
    "name_waiting",
    "prune",
    "quarantine",
    "read_past",
    "retry",
    "settle",
    "settle_instrument",
    "settle_waiting",
    "store_fills",
    "unanswered",
]
