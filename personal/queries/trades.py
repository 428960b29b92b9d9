"""Closed trades, one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Self
from uuid import UUID

from django.db.models import F, QuerySet
from django.db.models.expressions import OrderBy

from accounts.access import Accounts
from common.api import Page, Period
from ledger.candles.awaited import awaited
from ledger.models import Trade
from ledger.queries import MOST_REASONS, of_products, on_days
from ledger.tally import CLOSING_ORDER
from personal.queries.reading import Reading, reading

COLUMNS = {"closed_at": "closed_ns", "pnl": "pnl_usd"}
NO_FILLS = "copied from production without fills"
NO_BARS = "no bars of the contract on the days of the trade"
BEING_MADE = "the candles are still being made"
SORTS = ("closed_at", "-closed_at", "pnl", "-pnl")


@dataclass(frozen=True, slots=True)
class TradeRow:
    """A closed trade; money is null while a daily rate is missing."""

    id: UUID
    product: str
    product_id: int
    contract: str
    side: int
    quantity: int
    opened_at: datetime
    closed_at: datetime
    entry_price: Decimal
    exit_price: Decimal
    gross_pnl: Decimal | None
    fees: Decimal | None
    pnl: Decimal | None
    mae: Decimal | None = None
    mfe: Decimal | None = None
    tags: tuple[int, ...] = ()
    has_notes: bool = False

    @classmethod
    def of(cls, trade: Trade) -> Self:
        """Shape a trade that was read with its contract and product."""
        return cls(
            id=trade.id,
            product=trade.product.symbol,
            product_id=trade.product_id,
            contract=trade.contract.name,
            side=trade.side,
            quantity=trade.quantity,
            opened_at=trade.opened_at,
            closed_at=trade.closed_at,
            entry_price=trade.entry_price,
            exit_price=trade.exit_price,
            gross_pnl=trade.gross_usd,
            fees=trade.fees_usd,
            pnl=trade.pnl_usd,
            mae=trade.mae_usd,
            mfe=trade.mfe_usd,
        )


@dataclass(frozen=True, slots=True)
class TradePage:
    """One page of a list of `count` trades."""

    trades: tuple[TradeRow, ...]
    count: int


def trades(
    *,
    accounts: Accounts,
    period: Period | None,
    products: tuple[int, ...] = (),
    side: int | None = None,
    sort: str = "-closed_at",
    page: Page,
) -> Reading[TradePage]:
    """Return a page of the trades closed in the period; without a pnl they come last. 4 queries.

    One more where the mae of any is not known.
    """
    found = Trade.objects.filter(on_days("closed_on", period), of_products(products)).filter(
        account__in=accounts.ids
    )
    if side is not None:
        found = found.filter(side=side)
    rows = list(_sorted(found, sort).select_related("contract", "product")[page.rows])
    shown = TradePage(tuple(TradeRow.of(trade) for trade in rows), found.count())
    return reading(
        shown, accounts=accounts, period=period, products=products, notes=unmeasured(rows)
    )


def unmeasured(trades: Sequence[Trade]) -> tuple[str, ...]:
    """Say why mae and mfe are null where they are. 1 query, none where all are known."""
    bare = [trade for trade in trades if trade.mae_usd is None]
    if not bare:
        return ()
    due = awaited(bare)
    reasons = Counter(_reason(trade, trade.id in due) for trade in bare)
    if len(trades) == 1:
        return tuple(f"mae and mfe are null: {reason}" for reason in reasons)
    told = sorted(reasons.items())[:MOST_REASONS]
    return tuple(
        f"mae and mfe of {count} trade{'s' if count > 1 else ''} are null: {reason}"
        for reason, count in told
    )


def _reason(trade: Trade, is_due: bool) -> str:
    if trade.is_copied:
        return NO_FILLS
    if trade.held:
        return trade.held
    return BEING_MADE if is_due else NO_BARS


def _sorted(found: QuerySet[Trade], sort: str) -> QuerySet[Trade]:
    """Order by one column, and within it by closing order, so that pages never overlap."""
    falling = sort.startswith("-")
    columns = (COLUMNS[sort.removeprefix("-")], *CLOSING_ORDER)
    order = [
        OrderBy(F(name), descending=falling, nulls_last=True)
        if name == "pnl_usd"
        else OrderBy(F(name), descending=falling)
        for name in dict.fromkeys(columns)
    ]
    return found.order_by(*order)
