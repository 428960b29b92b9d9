"""Which trades of a journal: one frozen argument for everything that is made of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from django.db.models import QuerySet

from accounts.access import Accounts
from common.api import Period
from journal.queries.tagged import journal_version
from journal.queries.tags import bearing_any, below
from ledger.arrays import array
from ledger.closed import closed
from ledger.models import Trade
from ledger.picked import Picked, picked
from ledger.queries import DOUBTFUL, LAST_DAY, split, state
from ledger.reading import Reading

T = TypeVar("T")

# As `ledger.queries.Shortfall` takes them: trades by reason, and days by state.
_HELD = f"""
SELECT 'held' AS what, held, count(*), NULL::date FROM t WHERE pnl_usd IS NULL GROUP BY held
UNION ALL
SELECT 'doubted', state, count(DISTINCT day), min(day) FROM ({{doubted}}) d GROUP BY state
UNION ALL
{LAST_DAY}"""  # noqa: S608  constant text
_TAGGED = """EXISTS (
    SELECT FROM journal_tradetag x
    WHERE x.account_id = t.account_id AND x.trade_id = t.id{those})"""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The closed trades that a reading is made of.

    tags             each that a trade may bear to be among them, what hangs under them included
    journal_version  of what the trades bear; 0 where that decides nothing
    """

    accounts: Accounts
    period: Period | None = None
    products: tuple[int, ...] = ()
    side: int | None = None
    tags: tuple[int, ...] = ()
    untagged: bool = False
    journal_version: int = 0

    @property
    def trades(self) -> QuerySet[Trade]:
        """Return them all, those without a pnl too."""
        return closed(
            accounts=self.accounts, period=self.period, products=self.products, side=self.side
        ).filter(bearing_any(self.tags, untagged=self.untagged))

    @property
    def picked(self) -> Picked:
        """Return the same trades for plain SQL."""
        found = picked(
            accounts=self.accounts, period=self.period, products=self.products, side=self.side
        )
        return marked(found, self.tags, untagged=self.untagged)

    @property
    def priced(self) -> Picked:
        """Return those whose pnl is known."""
        return self.picked.priced

    @property
    def days(self) -> Picked | None:
        """Return the day results of them all; None where some of a day's trades are left out."""
        if self.side is not None or self.tags or self.untagged:
            return None
        return picked(
            accounts=self.accounts, period=self.period, products=self.products,
            table="ledger_dayresult", day="day",
        ).where("t.trade_count > 0")  # fmt: skip

    def reading(self, rows: T, *, notes: tuple[str, ...] = ()) -> Reading[T]:
        """Put the state of the books beside rows of them. 1 query."""
        last, held = self._state()
        return Reading(rows, (*held, *notes), last)

    def _state(self) -> tuple[date | None, tuple[str, ...]]:
        if not self.tags and not self.untagged:
            return state(
                accounts=self.accounts, period=self.period, products=self.products, side=self.side
            )
        trades = self.picked
        doubted = picked(
            accounts=self.accounts, period=self.period, products=self.products,
            table="ledger_reconciledday", day="day",
        ).where(f"t.state IN ({DOUBTFUL})")  # fmt: skip
        question = _HELD.format(doubted=doubted.sql)
        return split(trades.ask(question, *doubted.given, array(self.accounts.ids)))


def marked(trades: Picked, tags: Collection[int], *, untagged: bool) -> Picked:
    """Return the trades that bear one of just these tags, or (with `untagged`) none; all without
    either."""
    if not tags and not untagged:
        return trades
    wanted = []
    if tags:
        wanted.append(_TAGGED.format(those=" AND x.tag_id = ANY(%s::bigint[])"))
    if untagged:
        wanted.append(f"NOT {_TAGGED.format(those='')}")
    return trades.where(f"({' OR '.join(wanted)})", *([array(sorted(tags))] if tags else ()))


def chosen(
    *,
    accounts: Accounts,
    trader_id: int | None,
    period: Period | None,
    products: tuple[int, ...] = (),
    side: int | None = None,
    tag_ids: Collection[int] = (),
    untagged: bool = False,
) -> Chosen:
    """Return the trades that bear one of these tags, or (with `untagged`) none; all without either.

    Never cached: what hangs under a tag may change. 2 queries with tags, 1 with `untagged` alone.
    Invalid names in `tag` what this trader does not see.
    """
    those = tuple(sorted(below(tag_ids, trader_id=trader_id)))
    return Chosen(
        accounts=accounts,
        period=period,
        products=products,
        side=side,
        tags=those,
        untagged=untagged,
        journal_version=journal_version(accounts) if those or untagged else 0,
    )
