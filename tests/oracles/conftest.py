"""A desk of chance, told to the ledger, and the same in the oracle's books."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
import time_machine

from tests.oracles.book import Cycle, Trade, keep, priced
from tests.oracles.desk_of_chance import Story, tell


@dataclass(frozen=True)
class Oracle:
    """Closed trades and open cycles by account."""

    story: Story
    trades: dict[str, list[Trade]]
    open: dict[str, list[Cycle]]

    def of(self, accounts, start, end) -> list[Trade]:
        """Trades of some accounts that closed in a period, in closing order."""
        names = [account.account for account in accounts]
        found = [t for name in names for t in self.trades[name] if start <= t.day <= end]
        return sorted(found, key=lambda trade: trade.cycle.last.place)


@pytest.fixture(params=[3, 14])
def oracle(request, desk):
    story = tell(desk, request.param)
    books = keep(story.executions)
    trades, held = defaultdict(list), defaultdict(list)
    for trade in priced(books.trades, story.rate):
        trades[trade.cycle.account].append(trade)
    for cycle in books.open:
        held[cycle.account].append(cycle)
    with time_machine.travel(datetime(2026, 4, 3, 12, tzinfo=UTC), tick=True):
        yield Oracle(story, trades, held)
