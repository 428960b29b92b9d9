"""The present: a short trade every few seconds, drawn slot by slot.

A slot belongs to its moment and the seed. Only slots within the spans in which a simulator ran are
traded; the spans are kept in a file, so that a restart serves what an earlier run has served.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial

from ingestion.simulator import seeds
from ingestion.simulator.executions import DAY, NS, Desk
from ingestion.simulator.faults import FaultPlan
from ingestion.simulator.listings import Listed, Month
from ingestion.simulator.market import Market, Recent
from ingestion.simulator.population import LIVE, Account, Population, Trader
from ingestion.simulator.reports import Report, reports
from ingestion.simulator.state import Spans

LONGEST = 240  # seconds that a live trade lasts


class LiveTrading:
    """What is traded while the simulator runs."""

    def __init__(
        self,
        *,
        seed: int,
        every: float,
        market: Market,
        products: dict[str, Listed],
        population: Population,
        spans: Spans,
    ) -> None:
        self.spans = spans
        self._seed = seed
        self._every = every
        self._market = market
        self._products = products
        self._seats = [
            (trader, account)
            for trader in population.traders
            for account in trader.accounts
            if account.environment == LIVE and not trader.is_archived and account.listed
        ]
        self._around_the_clock = [one for one in products.values() if one.always_open]
        self._slots = Recent(30_000)

    def rows(self, company: int, environment: str, low: int, high: int) -> list[Report]:
        """Return the live rows of a company with a stamp in [low, high], in no order. ns."""
        if not self._every or environment != LIVE:
            return []
        found = []
        begin, end = low // NS - LONGEST - 60, high // NS + 60
        for first, last in self.spans.within(begin, end):
            for slot in range(int(first / self._every) + 1, int(last / self._every) + 1):
                of, rows = self._slots.get(slot, partial(self._slot, slot))
                if of == company:
                    found += [row for row in rows if low <= row.stamp <= high]
        return found

    def _slot(self, slot: int) -> tuple[int, list[Report]]:
        """Return whose slot it is, and the rows of its trade."""
        dice = seeds.dice(self._seed, "live", slot, self._every)
        at = int(slot * self._every)
        drawn = dice.random()  # the first two traders are watched most
        place = 0 if drawn < 0.15 else 1 if drawn < 0.22 else dice.randrange(len(self._seats))
        trader, account = self._seats[place % len(self._seats)]
        today = datetime.fromtimestamp(at, UTC).date()
        if account.active_from > today:
            return trader.company, []
        hold = dice.randint(15, LONGEST)
        monday = today - timedelta(days=today.weekday())
        desk = Desk(self._market, monday, dice, has_algo=False)
        begin = at - int(datetime.combine(monday, datetime.min.time(), UTC).timestamp())
        contract = self._contract(desk, account, begin, begin + hold)
        if contract is not None:
            _trade(desk, trader, contract, begin, begin + hold)
        prefix = f"L{seeds.word(6, self._seed, account.account_id)}{slot:x}-"
        return trader.company, reports(desk.done, account, prefix, FaultPlan({}))

    def _contract(self, desk: Desk, account: Account, begin: int, end: int) -> Month | None:
        """Return a contract that trades now: one of the account's, else one that never sleeps."""
        own = [self._products[symbol] for symbol, _ in account.products]
        desk.dice.shuffle(own)
        for product in [*own, *self._around_the_clock]:
            contract = self._market.front(product, desk.day_at(begin + 2 * DAY))
            is_open = (desk.next_open(contract, at, within=1) == at for at in (begin, end))
            if all(is_open):
                return contract
        return None


def _trade(desk: Desk, trader: Trader, contract: Month, begin: int, end: int) -> None:
    move = desk.price(contract, end) - desk.price(contract, begin)
    right = 1 if move >= 0 else -1
    signed = (right if desk.dice.random() < trader.skill else -right) * desk.dice.randint(
        1, trader.size + 1
    )
    desk.order(contract, begin, signed)
    desk.order(contract, max(end, begin + 10), -signed, closes=True)
