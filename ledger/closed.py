"""Closed trades as every list of them shows them: chosen, in order, in plain rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple, Self
from uuid import UUID

from django.db.models import F, QuerySet
from django.db.models.expressions import OrderBy

from accounts.access import Accounts
from common.api import Page, Period, Refusal
from common.clock import from_ns
from common.fields import PRICE_PLACES, from_scaled
from ledger.candles.awaited import awaited
from ledger.models import Trade
from ledger.picked import Picked, picked
from ledger.queries import MOST_REASONS, of_products, on_days
from ledger.tally import CLOSING_ORDER, usd

SIDES = {"long": 1, "short": -1}
COLUMNS = {"closed_at": "closed_ns", "pnl": "pnl_usd"}
NO_FILLS = "copied from production without fills"
NO_BARS = "no bars of the contract on the days of the trade"
BEING_MADE = "the candles are still being made"
SORTS = ("closed_at", "-closed_at", "pnl", "-pnl")
# The columns of a ClosedTrade: of a trade t, its product p and its contract c.
TOLD = """t.id, t.account_id, t.contract_id, t.product_id, p.symbol, c.name, t.side, t.quantity,
    t.opened_ns, t.closed_ns, t.closed_on, t.entry_price, t.exit_price, t.gross_usd, t.fees_usd,
    t.pnl_usd, t.mae_usd, t.mfe_usd, t.held, t.is_copied"""
# Of a page alone it is asked what its contracts are called.
_PAGE = f"""
SELECT {TOLD}
FROM (SELECT * FROM t ORDER BY {{order}} LIMIT %s::bigint OFFSET %s::bigint) t
JOIN futures_product p ON p.id = t.product_id
JOIN futures_contract c ON c.id = t.contract_id
ORDER BY {{order}}"""  # noqa: S608  constant text


class UnknownTrade(Refusal):
    """The same for a stranger's trade and for one that does not exist."""

    status = 404
    message = "There is no such trade among these accounts"
    code = "unknown_trade"


class ClosedTrade(NamedTuple):
    """A closed trade as it stands in the books: scaled integers, nanoseconds."""

    id: UUID
    account_id: int
    contract_id: int
    product_id: int
    product: str
    contract: str
    side: int
    quantity: int
    opened_ns: int
    closed_ns: int
    closed_on: date
    entry_price: int
    exit_price: int
    gross_usd: int | None
    fees_usd: int | None
    pnl_usd: int | None
    mae_usd: int | None
    mfe_usd: int | None
    held: str
    is_copied: bool

    @property
    def opened_at(self) -> datetime:
        return from_ns(self.opened_ns)


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

    @classmethod
    def told(cls, trade: ClosedTrade, **more: Any) -> Self:
        """Shape a trade of a page."""
        return cls(
            id=trade.id,
            product=trade.product,
            product_id=trade.product_id,
            contract=trade.contract,
            side=trade.side,
            quantity=trade.quantity,
            opened_at=trade.opened_at,
            closed_at=from_ns(trade.closed_ns),
            entry_price=from_scaled(trade.entry_price, PRICE_PLACES),
            exit_price=from_scaled(trade.exit_price, PRICE_PLACES),
            gross_pnl=_usd(trade.gross_usd),
            fees=_usd(trade.fees_usd),
            pnl=_usd(trade.pnl_usd),
            mae=_usd(trade.mae_usd),
            mfe=_usd(trade.mfe_usd),
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
    columns, falling = _order(sort)
    return found.order_by(
        *(
            OrderBy(F(name), descending=falling, nulls_last=True)
            if name == "pnl_usd"
            else OrderBy(F(name), descending=falling)
            for name in columns
        )
    )


def _order(sort: str) -> tuple[list[str], bool]:
    """Return the columns of an order, and whether they fall."""
    first = COLUMNS[sort.removeprefix("-")]
    return list(dict.fromkeys((first, *CLOSING_ORDER))), sort.startswith("-")


def page_of(trades: Picked, sort: str, page: Page) -> tuple[list[ClosedTrade], int]:
    """Return a page of trades in the order of `ordered`, and how many there are. 2 queries."""
    rows, (columns, falling) = page.rows, _order(sort)
    order = ", ".join(
        f"t.{name}{' DESC' * falling}{' NULLS LAST' * (name == 'pnl_usd')}" for name in columns
    )
    ((count,),) = trades.ask("SELECT count(*) FROM t")
    told = trades.ask(_PAGE.format(order=order), rows.stop - rows.start, rows.start)
    return [ClosedTrade(*row) for row in told], count


def closed_trade(trade_id: UUID, *, accounts: Accounts) -> ClosedTrade:
    """Return one closed trade of these accounts; UnknownTrade. 1 query."""
    found = picked(accounts=accounts, period=None).where("t.id = %s::uuid", str(trade_id))
    for row in found.ask(_PAGE.format(order="t.id"), 1, 0):
        return ClosedTrade(*row)
    raise UnknownTrade


def unmeasured(trades: Sequence[Trade] | Sequence[ClosedTrade]) -> tuple[str, ...]:
    """Say why mae and mfe are null where they are. 1 query, none where all are known."""
    bare: list[Any] = [trade for trade in trades if trade.mae_usd is None]
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


def _usd(micros: int | None) -> Decimal | None:
    return None if micros is None else usd(micros)


def _reason(trade: Any, is_due: bool) -> str:
    if trade.is_copied:
        return NO_FILLS
    if trade.held:
        return str(trade.held)
    return BEING_MADE if is_due else NO_BARS
