"""Closed trades as every list of them shows them: chosen, in order, in plain rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Self
from uuid import UUID

from django.db.models import F, QuerySet
from django.db.models.expressions import OrderBy

from accounts.access import Accounts
from common.api import Period, Refusal
from ledger.candles.awaited import awaited
from ledger.models import Trade
from ledger.queries import MOST_REASONS, of_products, on_days
from ledger.tally import CLOSING_ORDER

SIDES = {"long": 1, "short": -1}
COLUMNS = {"closed_at": "closed_ns", "pnl": "pnl_usd"}
NO_FILLS = "copied from production without fills"
NO_BARS = "no bars of the contract on the days of the trade"
BEING_MADE = "the candles are still being made"
SORTS = ("closed_at", "-closed_at", "pnl", "-pnl")


class UnknownTrade(Refusal):
    """The same for a stranger's trade and for one that does not exist."""

    status = 404
    message = "There is no such trade among these accounts"
    code = "unknown_trade"


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
    mae: Decimal | None
    mfe: Decimal | None

    @classmethod
    def of(cls, trade: Trade, **more: Any) -> Self:
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
            **more,
        )


def closed(
    *,
    accounts: Accounts,
    period: Period | None,
    products: tuple[int, ...] = (),
    side: int | None = None,
) -> QuerySet[Trade]:
    """Return the trades of these accounts that closed in the period, in some products or all."""
    found = Trade.objects.filter(on_days("closed_on", period), of_products(products)).filter(
        account__in=accounts.ids
    )
    return found if side is None else found.filter(side=side)


def ordered(found: QuerySet[Trade], sort: str) -> QuerySet[Trade]:
    """Order by one column, and within it by closing order, so that pages never overlap.

    Trades without a pnl come last by pnl, either way.
    """
    falling = sort.startswith("-")
    columns = (COLUMNS[sort.removeprefix("-")], *CLOSING_ORDER)
    order = [
        OrderBy(F(name), descending=falling, nulls_last=True)
        if name == "pnl_usd"
        else OrderBy(F(name), descending=falling)
        for name in dict.fromkeys(columns)
    ]
    return found.order_by(*order)


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
