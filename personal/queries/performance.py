"""Readings of day results: what was traded, by time, by product."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import starmap
from typing import Any, NamedTuple

from django.db.models import Count, F, Sum

from accounts.access import Accounts
from common.api import Period
from common.cache import cached
from common.fields import MONEY_PLACES, to_scaled
from futures.queries import ProductName
from ledger.picked import Picked, picked
from ledger.tally import usd
from personal.queries.reading import Reading, priced_then, reading_as_of, reading_of

_TRADED = """
SELECT p.symbol, p.id FROM futures_product p
WHERE p.id IN (SELECT product_id FROM t WHERE trade_count > 0 OR held_count > 0)
ORDER BY p.symbol, p.id"""
_BY_DAY = """
SELECT s.day, p.symbol, s.product_id, s.pnl, s.trades
FROM (
    SELECT day, product_id, sum(pnl_usd) AS pnl, sum(trade_count) AS trades FROM t
    WHERE trade_count > 0 GROUP BY day, product_id
) s JOIN futures_product p ON p.id = s.product_id
ORDER BY s.day, s.pnl DESC, p.symbol, s.product_id"""
_BY_PRODUCT = """
SELECT p.symbol, p.id, p.name, p.color, s.pnl, s.trades, s.wins, s.quantity
FROM (
    SELECT product_id, sum(pnl_usd) AS pnl, sum(trade_count) AS trades, sum(win_count) AS wins,
        sum(quantity) AS quantity
    FROM t WHERE trade_count > 0 GROUP BY product_id
) s JOIN futures_product p ON p.id = s.product_id"""


class ProductPnl(NamedTuple):
    """One product's part of a day.

    pnl  millionths of a USD, as the books have them: there are many, and none is reckoned with
    """

    product: str
    product_id: int
    pnl: int
    trade_count: int


class DayPnl(NamedTuple):
    """One UTC day; daynumber 1 = Monday; products from most to least profitable; pnl likewise."""

    date: date
    daynumber: int
    pnl: int
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
    """Return the products of the trades closed in the period, held ones too. 2 queries."""
    asked = _days(accounts, period, ()).asked(_TRADED)
    return reading_of(
        asked, lambda rows: tuple(starmap(ProductName, rows)), accounts=accounts, period=period
    )


@cached(ttl="personal.performance-by-time")
def performance_by_time(
    *,
    accounts: Accounts,
    period: Period,
    products: tuple[int, ...] = (),
    as_of: datetime | None = None,
) -> Reading[tuple[DayPnl, ...]]:
    """Return the days of the period with closed trades, oldest first. 2 queries, 3 as of then.

    as_of  by the books of this instant; None = of now
    """
    if as_of is None:
        asked = _days(accounts, period, products).asked(_BY_DAY)
        return reading_of(asked, _by_day, accounts=accounts, period=period, products=products)
    days = _by_day(_sums_then(accounts, period, products, as_of))
    return reading_as_of(days, accounts=accounts, period=period, products=products, as_of=as_of)


@cached(ttl="personal.performance-by-product")
def performance_by_product(
    *, accounts: Accounts, period: Period
) -> Reading[tuple[ProductResult, ...]]:
    """Return the products of the trades closed in the period, by absolute pnl. 2 queries."""
    asked = _days(accounts, period, ()).asked(_BY_PRODUCT)
    return reading_of(asked, _by_product, accounts=accounts, period=period)


def _by_product(sums: list[tuple[Any, ...]]) -> tuple[ProductResult, ...]:
    rows = [
        ProductResult(
            product=symbol,
            product_id=product_id,
            name=name,
            color=color,
            pnl=usd(pnl),
            trade_count=trades,
            win_rate=float(Decimal(wins) / trades),
            quantity=int(quantity),
        )
        for symbol, product_id, name, color, pnl, trades, wins, quantity in sums
    ]
    rows.sort(key=lambda row: (-abs(row.pnl), row.product, row.product_id))
    return tuple(rows)


def _days(accounts: Accounts, period: Period | None, products: tuple[int, ...]) -> Picked:
    return picked(
        accounts=accounts, period=period, products=products, table="ledger_dayresult", day="day"
    )


def _sums_then(
    accounts: Accounts, period: Period, products: tuple[int, ...], as_of: datetime
) -> list[tuple[Any, ...]]:
    """Return (day, symbol, product, millionths of a USD, number of trades), a day's best product
    first. 1 query."""
    then = priced_then(accounts, period, products, as_of)
    rows = (
        then.values_list("closed_on", "product__symbol", "product_id")
        .annotate(pnl=Sum("pnl_usd"), trades=Count("id"))
        .order_by("closed_on", F("pnl").desc(), "product__symbol", "product_id")
    )
    return [(*row[:3], to_scaled(row[3], MONEY_PLACES), row[4]) for row in rows]


def _by_day(sums: list[tuple[Any, ...]]) -> tuple[DayPnl, ...]:
    """Return days of such rows, which are made by the column: there are many."""
    if not sums:
        return ()
    dates, names, ids, amounts, trades = zip(*sums, strict=True)
    pnl = list(map(int, amounts))
    rows = list(map(ProductPnl, names, ids, pnl, trades))
    days, end = [], 0
    for day, number in Counter(dates).items():  # in the order of the rows
        start, end = end, end + number
        of_day = sum(pnl[start:end]), sum(trades[start:end])
        days.append(DayPnl(day, day.isoweekday(), *of_day, tuple(rows[start:end])))
    return tuple(days)
