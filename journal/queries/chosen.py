"""Which trades of a journal: one frozen argument for everything that is made of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TypeVar

from django.db.models import QuerySet

from accounts.access import Accounts
from common.api import Period
from journal.queries.tagged import journal_version
from journal.queries.tags import bearing_any, known, tags_of
from ledger.closed import closed
from ledger.models import Trade
from ledger.queries import in_doubt, last_day, not_whole
from ledger.reading import Reading

T = TypeVar("T")


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
    def priced(self) -> QuerySet[Trade]:
        """Return those whose pnl is known."""
        return self.trades.filter(pnl_usd__isnull=False)

    def reading(self, rows: T, *, notes: tuple[str, ...] = ()) -> Reading[T]:
        """Put the state of the books beside rows of them. 2 queries."""
        held = self.trades.filter(pnl_usd__isnull=True)
        doubted = in_doubt(accounts=self.accounts, period=self.period, products=self.products)
        told = (*not_whole(held, doubted, counted=True), *notes)
        return Reading(rows, told, last_day(accounts=self.accounts))


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
    below: tuple[int, ...] = ()
    if tag_ids:
        tags = tags_of(trader_id)
        below = tuple(sorted(tags.below(known(tag_ids, tags=tags))))
    return Chosen(
        accounts=accounts,
        period=period,
        products=products,
        side=side,
        tags=below,
        untagged=untagged,
        journal_version=journal_version(accounts) if below or untagged else 0,
    )
