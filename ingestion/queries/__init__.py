"""How ingestion stands, for operators and for the admins of a group."""

from ingestion.queries.feeds import (
    ConnectionState,
    FeedState,
    PollAge,
    Reason,
    connection_states,
    history_percent,
    poll_age,
)
from ingestion.queries.reconciliation import (
    STATES,
    Reconciliation,
    WatchedDay,
    WatchedRun,
    reconciliation,
)
from ingestion.queries.restatements import REASONS, WatchedRestatements, restatements
from ingestion.queries.status import Status, status

__all__ = [
    "REASONS",
    "STATES",
    "ConnectionState",
    "FeedState",
    "PollAge",
    "Reason",
    "Reconciliation",
    "Status",
    "WatchedDay",
    "WatchedRestatements",
    "WatchedRun",
    "connection_states",
    "history_percent",
    "poll_age",
    "reconciliation",
    "restatements",
    "status",
]
