"""What the journal knows; each query takes what `accounts.access` allowed."""

from journal.queries.comments import comments, comments_on
from journal.queries.detached import detached
from journal.queries.entries import entries, entry
from journal.queries.images import image_file, storage
from journal.queries.prompts import (
    prompts_of_week,
    rows,
    week_of_group,
    week_of_trader,
    weekly,
)
from journal.queries.tags import tree
from journal.queries.trades import trade, trades

__all__ = [
    "comments",
    "comments_on",
    "detached",
    "entries",
    "entry",
    "image_file",
    "prompts_of_week",
    "rows",
    "storage",
    "trade",
    "trades",
    "tree",
    "week_of_group",
    "week_of_trader",
    "weekly",
]
