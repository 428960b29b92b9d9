"""Which trades a request means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from accounts.access import PersonalScope
from journal import queries
from journal.queries.chosen import Chosen


def chosen_by(asked: Mapping[str, Any], scope: PersonalScope) -> Chosen:
    """Return the trades in view that the parameters of a list of trades choose. 2 queries at most.

    Invalid names in `tag` what this trader does not see.
    """
    return queries.chosen(
        accounts=scope.accounts,
        trader_id=scope.trader_id,
        period=asked["period"],
        products=asked["product"],
        side=asked.get("side"),
        tag_ids=asked["tag"],
        untagged=asked["untagged"],
    )
