"""Trades that closed within stretches of time: all stretches by one statement.

A stretch runs from its first to its last nanosecond since 1970, both included. Stretches may
overlap: a trade counts in each of them. Of whole UTC days the day results tell the sums.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple, TypeAlias

from django.db import connection
from django.db.models import Q, QuerySet, Sum

from common.clock import NS_PER_DAY
from common.fields import MONEY_PLACES, from_scaled
from futures.queries import Window
from ledger.models import DayResult
from ledger.queries import DOUBTS, Shortfall, of_products, told

Stretch: TypeAlias = tuple[int, int]
_EPOCH = date(1970, 1, 1).toordinal()
_STRETCHES = "unnest(%(first)s::bigint[], %(last)s::bigint[]) AS w (first_ns, last_ns)"
_COUNTS = """t.account_id = ANY(%(accounts)s)
    AND (%(products)s::bigint[] IS NULL OR t.product_id = ANY(%(products)s::bigint[]))"""
_DOUBTS = ", ".join(f"'{state}'" for state in DOUBTS)  # as literals: an index knows them
_WITHIN = f"""FROM {_STRETCHES} JOIN ledger_trade t
    ON t.closed_ns BETWEEN w.first_ns AND w.last_ns AND {_COUNTS}"""


class ProductSum(NamedTuple):
    """What the trades of one product came to."""

    product_id: int
    pnl: Decimal
    trade_count: int


def whole_day(day: date) -> Stretch:
    """Return a UTC day as a stretch."""
    first = (day.toordinal() - _EPOCH) * NS_PER_DAY
    return first, first + NS_PER_DAY - 1


def days_of(stretch: Stretch) -> list[date]:
    """Return the UTC days that a stretch touches."""
    first, last = (_EPOCH + ns // NS_PER_DAY for ns in stretch)
    return [date.fromordinal(number) for number in range(first, last + 1)]


def stretch_of(at: datetime, window: Window | None) -> Stretch:
    """Return the stretch whose trades are those of an event: its window, or its whole UTC day."""
    return whole_day(at.date()) if window is None else window.around(at)


@dataclass(frozen=True, slots=True)
class Around:
    """Which trades: of some accounts and products (() is all), within stretches of time.

    whole_days  each stretch is a UTC day
    """

    account_ids: tuple[int, ...]
    stretches: frozenset[Stretch]
    whole_days: bool
    products: tuple[int, ...] = ()

    @property
    def days(self) -> list[date]:
        """Return the UTC days that the stretches touch, oldest first."""
        return sorted({day for stretch in self.stretches for day in days_of(stretch)})

    def day_results(self) -> QuerySet[DayResult]:
        """Return the day results of all days that the stretches touch."""
        return DayResult.objects.filter(
            of_products(self.products), account__in=self.account_ids, day__in=self.days
        )

    def sums(self) -> dict[Stretch, list[ProductSum]]:
        """Return the sums of the stretches in which trades with a pnl closed. 1 query."""
        found: dict[Stretch, list[ProductSum]] = defaultdict(list)
        if self.whole_days:
            days = self.day_results().filter(trade_count__gt=0).values_list("day", "product_id")
            for day, *told in days.annotate(Sum("pnl_usd"), Sum("trade_count")):
                found[whole_day(day)].append(ProductSum(*told))
            return found
        rows = self._ask(
            f"""
            SELECT w.first_ns, w.last_ns, t.product_id, sum(t.pnl_usd), count(*) {_WITHIN}
                AND t.pnl_usd IS NOT NULL
            GROUP BY 1, 2, 3"""
        )
        for first, last, product, pnl, trades in rows:
            found[first, last].append(ProductSum(product, from_scaled(pnl, MONEY_PLACES), trades))
        return found

    def traded(self) -> set[int]:
        """Return the products of the trades that closed, held ones too. 1 query."""
        if self.whole_days:
            closed = self.day_results().filter(Q(trade_count__gt=0) | Q(held_count__gt=0))
            return set(closed.values_list("product_id", flat=True).distinct())
        rows = self._ask(f"SELECT DISTINCT t.product_id {_WITHIN}")
        return {product for (product,) in rows}

    def held_back(self, *, counted: bool = True) -> tuple[str, ...]:
        """Return what to say of closed trades that are in no sum, and of days in doubt. 1 query.

        A trade within several stretches is one trade. `counted` as in `ledger.queries.held_back`.
        """
        rows = self._ask(
            f"""
            SELECT 'held', t.held, count(*), NULL::date FROM ledger_trade t
            WHERE t.pnl_usd IS NULL AND {_COUNTS} AND EXISTS (
                SELECT FROM {_STRETCHES} WHERE t.closed_ns BETWEEN w.first_ns AND w.last_ns
            )
            GROUP BY 2
            UNION ALL
            SELECT 'doubted', t.state, count(DISTINCT t.day), min(t.day)
            FROM ledger_reconciledday t
            WHERE t.state IN ({_DOUBTS}) AND t.day = ANY(%(days)s::date[]) AND {_COUNTS}
            GROUP BY 2"""  # noqa: S608  constants
        )
        return told((Shortfall(*row) for row in rows), counted=counted)

    def _ask(self, sql: str) -> list[tuple[Any, ...]]:
        asked = {
            "first": [first for first, _ in self.stretches],
            "last": [last for _, last in self.stretches],
            "accounts": list(self.account_ids),
            "products": list(self.products) or None,
            "days": self.days,
        }
        with connection.cursor() as cursor:
            cursor.execute(sql, asked)
            return list(cursor.fetchall())
