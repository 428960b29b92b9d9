"""Where a trader stands now: open positions, and what they would bring."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from accounts.access import Accounts
from calc.money import usd_micros
from common.cache import cached
from common.clock import from_ns
from common.fields import MONEY_PLACES, PRICE_PLACES, from_scaled
from ledger import queries as ledger
from ledger.arrays import array
from ledger.picked import asked_together
from personal.queries.reading import Reading

USD, ONE = "USD", Decimal(1)
# An account is called as it is named, or else as its provider calls it.
_OPEN = """
SELECT p.symbol, p.id, c.name, c.currency, c.point_value, coalesce(nullif(a.name, ''), a.account),
    x.quantity, x.average_price, x.opened_ns, x.realized_usd, x.held, b.close, b.start_at, (
        SELECT usd_per_unit FROM futures_fxrate WHERE currency = c.currency
        ORDER BY day DESC LIMIT 1
    )
FROM ledger_position x
JOIN futures_contract c ON c.id = x.contract_id
JOIN futures_product p ON p.id = c.product_id
JOIN trader_platforms a ON a.id = x.account_id
LEFT JOIN LATERAL (
    SELECT close, start_at FROM futures_bar WHERE contract_id = c.id
    ORDER BY start_at DESC LIMIT 1
) b ON true
WHERE x.account_id = ANY(%s::bigint[]) AND x.quantity <> 0
ORDER BY p.symbol, c.expiry_month, c.id, a.id"""


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


class _Row(NamedTuple):
    """An open position, its contract, the contract's last bar and its currency's latest rate.

    Prices in billionths, money in millionths of a USD.
    """

    product: str
    product_id: int
    contract: str
    currency: str
    point_value: Decimal | None
    account: str
    quantity: int
    average_price: int
    opened_ns: int
    realized_usd: int | None
    held: str
    mark: int | None
    marked_at: datetime | None
    rate: Decimal | None


@cached(ttl="personal.positions")
def positions(*, accounts: Accounts) -> Reading[tuple[OpenPosition, ...]]:
    """Return the open positions by product, contract and account. 2 queries."""
    found, ((last,),) = asked_together(
        (_OPEN, [array(accounts.ids)]), ledger.last_day_asked(accounts)
    )
    notes: list[str] = []
    rows = tuple(_open(_Row(*row), notes) for row in found)
    return Reading(rows, tuple(notes), last)


def _open(row: _Row, notes: list[str]) -> OpenPosition:
    """Shape one row; each null leaves its reason in the notes."""
    if row.held:
        notes.append(f"realized_pnl of {row.contract} is null: {row.held}")
    return OpenPosition(
        product=row.product,
        product_id=row.product_id,
        contract=row.contract,
        account=row.account,
        side=1 if row.quantity > 0 else -1,
        quantity=abs(row.quantity),
        average_price=from_scaled(row.average_price, PRICE_PLACES),
        opened_at=from_ns(row.opened_ns),
        realized_pnl=_exact(row.realized_usd, MONEY_PLACES),
        mark=_exact(row.mark, PRICE_PLACES),
        marked_at=row.marked_at,
        unrealized_pnl=_unrealized(row, notes),
    )


def _unrealized(row: _Row, notes: list[str]) -> Decimal | None:
    rate = ONE if row.currency == USD else row.rate
    if row.mark is None:
        missing = "no bar of the contract"
    elif row.point_value is None:
        missing = "the point value of the contract is not known"
    elif rate is None:
        missing = f"no {row.currency} rate"
    else:
        points = (row.mark - row.average_price) * row.quantity
        return from_scaled(int(usd_micros([points], row.point_value, rate)[0]), MONEY_PLACES)
    notes.append(f"unrealized_pnl of {row.contract} is null: {missing}")
    return None


def _exact(value: int | None, places: int) -> Decimal | None:
    return None if value is None else from_scaled(value, places)
