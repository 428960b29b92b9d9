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
from ingestion.queries.status import Status, status

__all__ = [
    "ConnectionState",
    "FeedState",
    "PollAge",
    "Reason",
    "Status",
    "connection_states",
    "history_percent",
    "poll_age",
    "status",
]
