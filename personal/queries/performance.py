"""Readings of day results: what was traded, by time, by product."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum

from accounts.access import Accounts
from common.api import Period
from common.cache import cached
from futures.queries import ProductName, names_of
from ledger.models import DayResult
from ledger.queries import of_products, on_days
from personal.queries.reading import Reading, priced_then, reading, reading_as_of

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class ProductPnl:
    """One product's part of a day."""

    product: str
    product_id: int
    pnl: Decimal
    trade_count: int


@dataclass(frozen=True, slots=True)
class DayPnl:
    """One UTC day; daynumber 1 = Monday; products from most to least profitable."""

    date: date
    daynumber: int
    pnl: Decimal
    trade_count: int
    products: tuple[ProductPnl, ...]


@dataclass(frozen=True, slots=True)
class ProductResult:
    """All trades of one product in the period; quantity in contracts."""

    product: str
    product_id: int
    name: str
    color: str
    pnl: Decimal
    trade_count: int
    win_rate: float
    quantity: int


@cached(ttl="personal.traded-products")
def traded_products(
    *, accounts: Accounts, period: Period | None
) -> Reading[tuple[ProductName, ...]]:
    """Return the products of the trades closed in the period, held ones too. 3 queries."""
    closed = _days(accounts, period, ()).filter(Q(trade_count__gt=0) | Q(held_count__gt=0))
    rows = names_of(closed.values("product_id"))
    return reading(rows, accounts=accounts, period=period)


@cached(ttl="personal.performance-by-time")
def performance_by_time(
    *,
    accounts: Accounts,
    period: Period,
    products: tuple[int, ...] = (),
    as_of: datetime | None = None,
) -> Reading[tuple[DayPnl, ...]]:
    """Return the days of the period with closed trades, oldest first. 3 queries.

    as_of  by the books of this instant; None = of now
    """
    days = tuple(
        _day(day, tuple(ProductPnl(*row[1:]) for row in rows))
        for day, rows in groupby(_sums(accounts, period, products, as_of), key=lambda row: row[0])
    )
    return reading_as_of(days, accounts=accounts, period=period, products=products, as_of=as_of)


@cached(ttl="personal.performance-by-product")
def performance_by_product(
    *, accounts: Accounts, period: Period
) -> Reading[tuple[ProductResult, ...]]:
    """Return the products of the trades closed in the period, by absolute pnl. 3 queries."""
    sums = (
        _days(accounts, period, ())
        .filter(trade_count__gt=0)
        .values_list("product__symbol", "product_id", "product__name", "product__color")
        .annotate(Sum("pnl_usd"), Sum("trade_count"), Sum("win_count"), Sum("quantity"))
    )
    rows = [
        ProductResult(
            product=symbol,
            product_id=product_id,
            name=name,
            color=color,
            pnl=pnl,
            trade_count=trades,
            win_rate=float(Decimal(wins) / trades),
            quantity=int(quantity),
        )
        for symbol, product_id, name, color, pnl, trades, wins, quantity in sums
    ]
    rows.sort(key=lambda row: (-abs(row.pnl), row.product, row.product_id))
    return reading(tuple(rows), accounts=accounts, period=period)


def _days(
    accounts: Accounts, period: Period | None, products: tuple[int, ...]
) -> QuerySet[DayResult]:
    return DayResult.objects.filter(on_days("day", period), of_products(products)).filter(
        account__in=accounts.ids
    )


def _sums(
    accounts: Accounts, period: Period, products: tuple[int, ...], as_of: datetime | None
) -> QuerySet[Any, Any]:
    """Return (day, symbol, product, pnl, number of trades), a day's best product first."""
    rows: QuerySet[Any, Any]
    trades: Sum | Count
    if as_of is None:
        rows, day, trades = _days(accounts, period, products), "day", Sum("trade_count")
        rows = rows.filter(trade_count__gt=0)
    else:
        rows, day, trades = priced_then(accounts, period, products, as_of), "closed_on", Count("id")
    return (
        rows.values_list(day, "product__symbol", "product_id")
        .annotate(pnl=Sum("pnl_usd"), trades=trades)
        .order_by(day, F("pnl").desc(), "product__symbol", "product_id")
    )


def _day(day: date, products: tuple[ProductPnl, ...]) -> DayPnl:
    return DayPnl(
        day,
        day.isoweekday(),
        sum((row.pnl for row in products), ZERO),
        sum(row.trade_count for row in products),
        products,
    )
