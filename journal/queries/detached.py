"""What was written about trades that the books no longer hold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.access import Accounts
from common.api import Page
from common.clock import from_ns
from journal.models import Comment, Detached, EntryTrade, Image, TradeNote, TradeTag
from journal.queries.pages import Reader
from journal.queries.tags import Borne, tags_of
from journal.queries.trades import Written, notes, written_about
from ledger.models import Position, Trade

ABOUT_TRADES = (TradeTag, TradeNote, Image, Comment, EntryTrade)


@dataclass(frozen=True, slots=True)
class DetachedTrade:
    """A trade as it was last, and what was written about it; one that was open has no exit."""

    trade_id: UUID
    product: str
    contract: str
    side: int
    quantity: int
    opened_at: datetime
    closed_at: datetime | None
    entry_price: Decimal
    exit_price: Decimal | None
    pnl: Decimal | None
    detached_at: datetime
    tags: tuple[Borne, ...]
    notes: str
    images: tuple[Any, ...]
    comments: tuple[Any, ...]

    @classmethod
    def of(cls, row: Detached, written: Written) -> DetachedTrade:
        return cls(
            trade_id=row.trade_id,
            product=row.contract.product.symbol,
            contract=row.contract.name,
            side=row.side,
            quantity=row.quantity,
            opened_at=from_ns(row.opened_ns),
            closed_at=None if row.closed_ns is None else from_ns(row.closed_ns),
            entry_price=row.entry_price,
            exit_price=row.exit_price,
            pnl=row.pnl_usd,
            detached_at=row.detached_at,
            **written.told,
        )


@dataclass(frozen=True, slots=True)
class DetachedPage:
    """One page of a list of `count`."""

    trades: tuple[DetachedTrade, ...]
    count: int


def detached(
    *, accounts: Accounts, trader_id: int | None, page: Page, reader: Reader
) -> DetachedPage:
    """Return a page of what is detached, the latest first. 7 queries."""
    found = standing(accounts)
    ordered = found.select_related("contract__product").order_by("-detached_at", "trade_id")
    rows = list(ordered[page.rows])
    ids = [row.trade_id for row in rows]
    page.holds(notes(ids, accounts=accounts), "text")
    written = written_about(ids, accounts=accounts, tags=tags_of(trader_id), reader=reader)
    shown = tuple(DetachedTrade.of(row, written[row.trade_id]) for row in rows)
    return DetachedPage(shown, found.count())


def standing(accounts: Accounts) -> QuerySet[Detached]:
    """Return what is detached and not back, as far as anything is still written about it."""
    anything = Q()
    for table in ABOUT_TRADES:
        own = table._default_manager.filter(account=OuterRef("account"), trade=OuterRef("trade_id"))
        anything |= Q(Exists(own))
    still = Position.objects.filter(account=OuterRef("account"))
    return Detached.objects.filter(
        anything,
        ~Exists(Trade.objects.filter(account=OuterRef("account"), pk=OuterRef("trade_id"))),
        ~Exists(still.filter(trade_id=OuterRef("trade_id"))),
        account__in=accounts.ids,
    )
