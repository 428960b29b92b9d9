"""What the journal knows; each query takes what `accounts.access` allowed."""

from journal.queries.prompts import (
    prompts_of_week,
    rows,
    week_of_group,
    week_of_trader,
    weekly,
)

__all__ = ["prompts_of_week", "rows", "week_of_group", "week_of_trader", "weekly"]
