"""How ingestion stands, for operators and for the admins of a group."""

from ingestion.queries.feeds import (
    ConnectionState,
    FeedState,
    PollAge,
    connection_states,
    history_percent,
    poll_age,
)

__all__ = [
    "ConnectionState",
    "FeedState",
    "PollAge",
    "connection_states",
    "history_percent",
    "poll_age",
]
