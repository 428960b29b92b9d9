"""What the journal knows; each query takes what `accounts.access` allowed."""

from journal.queries.analytics import (
    daily_pnl,
    duration_profit,
    equity_curve,
    overview,
    return_distribution,
    symbol_breakdown,
    time_distribution,
)
from journal.queries.chosen import chosen
from journal.queries.comments import comments, comments_on
from journal.queries.detached import detached
from journal.queries.entries import entries, entry
from journal.queries.exports import entries_table, trader_name, trades_table
from journal.queries.filter_options import filter_options
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
    "chosen",
    "comments",
    "comments_on",
    "daily_pnl",
    "detached",
    "duration_profit",
    "entries",
    "entries_table",
    "entry",
    "equity_curve",
    "filter_options",
    "image_file",
    "overview",
    "prompts_of_week",
    "return_distribution",
    "rows",
    "storage",
    "symbol_breakdown",
    "time_distribution",
    "trade",
    "trader_name",
    "trades",
    "trades_table",
    "tree",
    "week_of_group",
    "week_of_trader",
    "weekly",
]
