"""Where a trader stands now: open positions, and what they would bring."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import OuterRef, Subquery

from accounts.access import Accounts
from calc.money import usd_micros
from common.cache import cached
from common.clock import from_ns
from common.fields import MONEY_PLACES, PRICE_PLACES, from_scaled, to_scaled
from futures.models import Bar, FxRate
from ledger import queries as ledger
from ledger.models import Position
from personal.queries.reading import Reading

USD, ONE = "USD", Decimal(1)


@dataclass(frozen=True, slots=True)
class OpenPosition:
    """An open position; prices in points, money in USD, quantity in contracts, never negative.

    mark            close of the contract's last bar, which started at `marked_at`
    unrealized_pnl  at the mark and the currency's latest rate; fees are in realized_pnl
    """

    product: str
    product_id: int
    contract: str
    account: str
    side: int
    quantity: int
    average_price: Decimal
    opened_at: datetime
    realized_pnl: Decimal | None
    mark: Decimal | None
    marked_at: datetime | None
    unrealized_pnl: Decimal | None


@cached(ttl="personal.positions")
def positions(*, accounts: Accounts) -> Reading[tuple[OpenPosition, ...]]:
    """Return the open positions by product, contract and account. 2 queries."""
    bars = Bar.objects.filter(contract=OuterRef("contract")).order_by("-start_at")
    rates = FxRate.objects.filter(currency=OuterRef("contract__currency")).order_by("-day")
    found = (
        Position.objects.filter(account__in=accounts.ids)
        .exclude(quantity=0)
        .select_related("contract__product", "account")
        .annotate(
            mark=Subquery(bars.values("close")[:1]),
            marked_at=Subquery(bars.values("start_at")[:1]),
            rate=Subquery(rates.values("usd_per_unit")[:1]),
        )
        .order_by("contract__product__symbol", "contract__expiry_month", "contract", "account")
    )
    notes: list[str] = []
    rows = tuple(_open(position, notes) for position in found)
    return Reading(rows, tuple(notes), ledger.last_day(accounts=accounts))


def _open(position: Any, notes: list[str]) -> OpenPosition:
    """Shape one row; each null leaves its reason in the notes."""
    contract = position.contract
    if position.held:
        notes.append(f"realized_pnl of {contract.name} is null: {position.held}")
    return OpenPosition(
        product=contract.product.symbol,
        product_id=contract.product_id,
        contract=contract.name,
        account=str(position.account),
        side=1 if position.quantity > 0 else -1,
        quantity=abs(position.quantity),
        average_price=position.average_price,
        opened_at=from_ns(position.opened_ns),
        realized_pnl=position.realized_usd,
        mark=position.mark,
        marked_at=position.marked_at,
        unrealized_pnl=_unrealized(position, notes),
    )


def _unrealized(position: Any, notes: list[str]) -> Decimal | None:
    contract = position.contract
    rate = ONE if contract.currency == USD else position.rate
    missing = (
        "no bar of the contract"
        if position.mark is None
        else "the point value of the contract is not known"
        if contract.point_value is None
        else f"no {contract.currency} rate"
        if rate is None
        else ""
    )
    if missing:
        notes.append(f"unrealized_pnl of {contract.name} is null: {missing}")
        return None
    points = to_scaled(position.mark - position.average_price, PRICE_PLACES) * position.quantity
    return from_scaled(int(usd_micros([points], contract.point_value, rate)[0]), MONEY_PLACES)
