"""Everything that changes what ingestion knows. Safe to run twice and by two at once."""

from ingestion.actions.connections import clear_alarm, connect, ensure_feeds, make_due
from ingestion.actions.fills import Source, Stored, keep_raw, store_fills
from ingestion.actions.instruments import name_contract, settle_instrument, unanswered
from ingestion.actions.quarantine import quarantine, retry, settle

__all__ = [
    "Source",
    "Stored",
    "clear_alarm",
    "connect",
    "ensure_feeds",
    "keep_raw",
    "make_due",
    "name_contract",
    "quarantine",
    "retry",
    "settle",
    "settle_instrument",
    "store_fills",
    "unanswered",
]
