"""A UTC day of one trader, minute by minute."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import connection

from accounts.access import Accounts
from common.api import Period
from common.clock import from_ns
from common.fields import MONEY_PLACES, PRICE_PLACES, from_scaled
from futures.queries import ProductRow, products_of
from ledger import queries as ledger
from ledger.arrays import array
from ledger.candles import intraday
from ledger.candles.words import Minutes, TradeCandles
from ledger.cycles import OpenCycle, open_cycles
from personal.queries.reading import Reading

# Some sixty trades of a busy day: as objects, with their contracts, they took a fifth of it all.
_CLOSED = """
SELECT t.held, t.id, c.name, t.side, t.quantity, t.opened_ns, t.closed_ns, t.entry_price,
    t.exit_price, t.pnl_usd, t.fill_count
FROM ledger_trade t JOIN futures_contract c ON c.id = t.contract_id
WHERE t.account_id = ANY(%s) AND t.id = ANY(%s::uuid[])"""


@dataclass(frozen=True, slots=True)
class TradeInfo:
    """A trade as a whole, whatever the day; what its end will tell is None while it is open.

    pnl  USD; None, too, while a daily rate is missing
    """

    id: UUID
    contract: str
    side: int
    quantity: int
    opened_at: datetime
    closed_at: datetime | None
    entry_price: Decimal
    exit_price: Decimal | None
    pnl: Decimal | None
    total_fills: int


@dataclass(frozen=True, slots=True)
class TradeMinutes:
    """A trade and its minutes of the day, carried forward."""

    trade_info: TradeInfo
    candles: Minutes


@dataclass(frozen=True, slots=True)
class ProductTrades:
    """The trades of one product, in opening order."""

    product: ProductRow
    trades: tuple[TradeMinutes, ...]


@dataclass(frozen=True, slots=True)
class Together:
    """All products, minute by minute."""

    candles: Minutes


@dataclass(frozen=True, slots=True)
class DayOfMinutes:
    """Products by symbol, and all of them together."""

    individual: tuple[ProductTrades, ...]
    aggregated: Together


def intraday_pnl(
    *, accounts: Accounts, day: date, is_to_come: bool, version: str
) -> Reading[DayOfMinutes]:
    """Return the trades and open positions that were active on a UTC day. At most 14 queries.

    is_to_come  the day is a later one than tomorrow: it is empty
    version     of version_of(): what is kept of the answer ends with it
    """
    if is_to_come:
        nothing = DayOfMinutes((), Together(Minutes((), (), (), (), ())))
        return Reading(nothing, (), ledger.last_day(accounts=accounts))
    found = intraday(account_ids=accounts.ids, day=day)
    told, notes = _infos(accounts, found.trades)
    products: defaultdict[int, list[TradeMinutes]] = defaultdict(list)
    for one in found.trades:
        if info := told.get(one.trade_id):  # unmade since by a late fill: the next answer has it
            products[one.product_id].append(TradeMinutes(info, one.minutes))
    rows = tuple(
        ProductTrades(product, _by_opening(products[product.id]))
        for product in products_of(products)
    )
    last, doubts = ledger.through(accounts=accounts, period=Period(day, day))
    return Reading(DayOfMinutes(rows, Together(found.total)), (*notes, *doubts, *found.notes), last)


def _by_opening(trades: list[TradeMinutes]) -> tuple[TradeMinutes, ...]:
    return tuple(sorted(trades, key=lambda trade: trade.trade_info.opened_at))


def _infos(
    accounts: Accounts, shown: Iterable[TradeCandles]
) -> tuple[dict[UUID, TradeInfo], tuple[str, ...]]:
    """Return what there is to know of these trades, and why some of it is null. 2 queries."""
    ids = [one.trade_id for one in shown]
    standing = open_cycles(accounts.ids, ids)
    infos = {pk: _open(cycle) for pk, cycle in standing.items()}
    reasons: Counter[str] = Counter()
    with connection.cursor() as cursor:
        cursor.execute(_CLOSED, [array(accounts.ids), array(ids)])
        for held, *row in cursor.fetchall():
            info = _closed(*row)
            infos[info.id] = info
            if held:
                reasons[held] += 1
    notes = [f"pnl of {_some(count)} null: {reason}" for reason, count in sorted(reasons.items())]
    if standing:
        notes.append(f"{_some(len(standing))} still open: closed_at, exit_price and pnl are null")
    return infos, tuple(notes)


def _some(trades: int) -> str:
    return f"{trades} trade is" if trades == 1 else f"{trades} trades are"


def _closed(
    pk: UUID,
    contract: str,
    side: int,
    quantity: int,
    opened_ns: int,
    closed_ns: int,
    entry: int,
    exit_: int,
    pnl: int | None,
    fills: int,
) -> TradeInfo:
    return TradeInfo(
        id=pk,
        contract=contract,
        side=side,
        quantity=quantity,
        opened_at=from_ns(opened_ns),
        closed_at=from_ns(closed_ns),
        entry_price=from_scaled(entry, PRICE_PLACES),
        exit_price=from_scaled(exit_, PRICE_PLACES),
        pnl=None if pnl is None else from_scaled(pnl, MONEY_PLACES),
        total_fills=fills,
    )


def _open(cycle: OpenCycle) -> TradeInfo:
    return TradeInfo(
        id=cycle.trade_id,
        contract=cycle.contract,
        side=cycle.side,
        quantity=cycle.quantity,
        opened_at=from_ns(cycle.opened_ns),
        closed_at=None,
        entry_price=cycle.entry_price,
        exit_price=None,
        pnl=None,
        total_fills=cycle.fill_count,
    )
