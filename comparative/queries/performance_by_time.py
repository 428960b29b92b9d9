"""The group's numbers; each query takes the accounts that one viewer may compare."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import TypeAlias

from django.db import connection
from django.db.models import Sum, Value

from accounts.access import Accounts
from common.api import Period
from common.cache import cached
from common.fields import MONEY_PLACES, from_scaled
from futures.models import Product
from ledger.models import DayResult
from ledger.queries import held_back, on_days

# day, product id, pnl, number of trades, number of other traders
Cell: TypeAlias = tuple[date, int, Decimal, int, int]


@dataclass(frozen=True, slots=True)
class Cohort:
    """How many other traders must stand behind a sum; `own` accounts are not another's."""

    least: int
    own: tuple[int, ...]

    def hides(self, others: int) -> bool:
        """Say whether a sum with so many other traders would tell of single ones."""
        return 1 <= others < self.least


@dataclass(frozen=True, slots=True)
class GroupProduct:
    """All visible traders' trades of one product on one day; both null where suppressed."""

    product: str
    product_id: int
    pnl: Decimal | None
    trade_count: int | None
    suppressed: bool


@dataclass(frozen=True, slots=True)
class GroupDay:
    """One UTC day; daynumber 1 = Monday."""

    date: date
    daynumber: int
    products: tuple[GroupProduct, ...]


@dataclass(frozen=True, slots=True)
class GroupDays:
    """Days, oldest first, and what to know about them."""

    days: tuple[GroupDay, ...] = ()
    notes: tuple[str, ...] = ()


@cached(ttl="comparative.performance-by-time")
def performance_by_time(
    *, accounts: Accounts, period: Period, cohort: Cohort | None = None
) -> GroupDays:
    """Return the sum of all accounts by day and product. 3 queries.

    Products run from most to least profitable; suppressed ones come last, by symbol, so that their
    place tells nothing.
    """
    sums = _sums(accounts, period) if cohort is None else _counted(accounts, period, cohort)
    symbols = dict(Product.objects.values_list("id", "symbol"))
    days = tuple(
        GroupDay(day, day.isoweekday(), _products(rows, symbols, cohort))
        for day, rows in groupby(sums, key=lambda row: row[0])
    )
    notes = held_back(accounts=accounts, period=period, counted=cohort is None)
    if cohort and any(product.suppressed for day in days for product in day.products):
        hidden = f"pnl is null where suppressed: fewer than {cohort.least} other traders traded"
        notes = (*notes, hidden)
    return GroupDays(days, notes)


def _sums(accounts: Accounts, period: Period) -> Iterable[Cell]:
    """Return the sum of each day and product, by day; nobody asks how many others. 1 query."""
    return (
        DayResult.objects.filter(on_days("day", period))
        .filter(account__in=accounts.ids, trade_count__gt=0)
        .values_list("day", "product_id")
        .annotate(Sum("pnl_usd"), Sum("trade_count"), others=Value(0))
        .order_by("day")
    )


def _counted(accounts: Accounts, period: Period, cohort: Cohort) -> Iterable[Cell]:
    """Return the same with the number of other traders behind each. 1 query.

    Traders are counted by summing each one's first: several times faster than COUNT(DISTINCT).
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT day, product_id, sum(pnl), sum(trades), count(*) FILTER (WHERE NOT own)
            FROM (
                SELECT d.day, d.product_id, a.trader_id, sum(d.pnl_usd) AS pnl,
                    sum(d.trade_count) AS trades, bool_or(d.account_id = ANY(%s)) AS own
                FROM ledger_dayresult d JOIN trader_platforms a ON a.id = d.account_id
                WHERE d.account_id = ANY(%s) AND d.day BETWEEN %s AND %s AND d.trade_count > 0
                GROUP BY 1, 2, 3
            ) each_trader
            GROUP BY 1, 2 ORDER BY 1""",
            [list(cohort.own), list(accounts.ids), period.start, period.end],
        )
        return [
            (day, product, from_scaled(pnl, MONEY_PLACES), int(trades), others)
            for day, product, pnl, trades, others in cursor.fetchall()
        ]


def _products(
    rows: Iterable[Cell], symbols: dict[int, str], cohort: Cohort | None
) -> tuple[GroupProduct, ...]:
    shown = (
        GroupProduct(symbols[product], product, None, None, True)
        if cohort and cohort.hides(others)
        else GroupProduct(symbols[product], product, pnl, trades, False)
        for _, product, pnl, trades, others in rows
    )
    return tuple(sorted(shown, key=_profit_first))


def _profit_first(row: GroupProduct) -> tuple[bool, Decimal, str, int]:
    return row.pnl is None, -(row.pnl or Decimal(0)), row.product, row.product_id
