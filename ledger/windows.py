"""Trades that closed within stretches of time: all stretches by one statement.

A stretch runs from its first to its last nanosecond since 1970, both included. Stretches may
overlap: a trade counts in each of them. Of whole UTC days the day results tell the sums.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from itertools import accumulate, groupby, pairwise, starmap
from operator import itemgetter
from typing import Any, ClassVar, TypeAlias

import numpy as np
from django.db import connection
from django.db.models import QuerySet

from common.clock import NS_PER_DAY
from futures.queries import ProductName, Window
from ledger.arrays import array
from ledger.models import DayResult
from ledger.picked import Asked, asked_again, asked_together
from ledger.queries import DOUBTFUL, LAST_DAY, Shortfall, of_products, split, told

Stretch: TypeAlias = tuple[int, int]
# The last day that is booked, and what is held back: as `ledger.queries.state`.
State: TypeAlias = tuple[date | None, tuple[str, ...]]
ProductSum: TypeAlias = tuple[int, Decimal, int]  # product, pnl, number of trades
_EPOCH = date(1970, 1, 1).toordinal()
_SEGMENTS = (
    "unnest(%(first)s::bigint[], %(last)s::bigint[]) WITH ORDINALITY AS w (first_ns, last_ns, n)"
)
# What is grouped within a LATERAL is read segment by segment; a plain join was taken, by a planner
# that knows nothing of how long they are, for each trade against each of them.
# Of few accounts each is looked up by itself in `trade_by_closing`. Of many the range of time is
# read once, from `trade_by_time`: an expression keeps the indexes that accounts lead out of it.
FEW = 4
_FEW = "t.account_id = ANY(%(accounts)s::bigint[])"
_MANY = "t.account_id + 0 = ANY(%(accounts)s::bigint[])"
_PRODUCTS = "(%(products)s = '{}' OR t.product_id = ANY(%(products)s::bigint[]))"
_MICROS, _USD = "sum(t.pnl_usd)", "sum(t.pnl_usd) * 0.000001"
_LAST_DAY = LAST_DAY.replace("%s", "%(accounts)s")
_NAME = re.compile(r"%\((\w+)\)s")


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


@dataclass(frozen=True)
class Around:
    """Which trades: of some accounts and products (() is all), within stretches of time.

    whole_days  each stretch is a UTC day
    """

    account_ids: tuple[int, ...]
    stretches: frozenset[Stretch]
    whole_days: bool
    products: tuple[int, ...] = ()

    @cached_property
    def segments(self) -> list[Stretch]:
        """Return what the stretches cover, in order, cut wherever one of them begins or ends.

        No two overlap, so that each trade is read once, whatever the stretches share.
        """
        depth: Counter[int] = Counter()
        for first, last in self.stretches:
            if first <= last:
                depth[first] += 1
                depth[last + 1] -= 1
        edges = sorted(depth)
        open_ = accumulate(depth[edge] for edge in edges)
        return [
            (edge, after - 1)
            for (edge, after), number in zip(pairwise(edges), open_, strict=False)
            if number
        ]

    @cached_property
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
        return self._by_stretch(self._ask(self._summing(_USD)))

    def micros_and_state(self) -> tuple[dict[Stretch, list[ProductSum]], State]:
        """Return these sums in millionths of a USD, and the state of the books. 2 queries.

        Of few accounts they are asked together.
        """
        rows, state = self._ask_both(self._summing(_MICROS), self._stating)
        return self._by_stretch(rows), split(state)

    def _summing(self, pnl: str) -> str:
        if self.whole_days:
            return f"""
                SELECT t.day, t.product_id, {pnl}, sum(t.trade_count)
                FROM ledger_dayresult t
                WHERE {_FEW} AND t.day = ANY(%(days)s::date[]) AND t.trade_count > 0
                    AND {_PRODUCTS}
                GROUP BY 1, 2"""  # noqa: S608  constants
        return f"""
            SELECT w.n - 1, s.* FROM {_SEGMENTS} CROSS JOIN LATERAL (
                SELECT t.product_id, {pnl}, count(*)
                {self._within} AND t.pnl_usd IS NOT NULL GROUP BY 1
            ) s ORDER BY 1"""  # noqa: S608  constants

    def _by_stretch(self, rows: list[tuple[Any, ...]]) -> dict[Stretch, list[ProductSum]]:
        found: dict[Stretch, list[ProductSum]] = defaultdict(list)
        if self.whole_days:
            for day, product, amount, trades in rows:
                found[whole_day(day)].append((product, amount, trades))
            return found
        if not self.stretches.issuperset(self.segments):
            return _over(self.stretches, self.segments, rows)
        for n, those in groupby(rows, key=itemgetter(0)):
            found[self.segments[n]] = [row[1:] for row in those]
        return found

    def traded(self) -> set[int]:
        """Return the products of the trades that closed, held ones too. 1 query."""
        return {product for (product,) in self._ask(self._trading)}

    def names_and_state(self) -> tuple[tuple[ProductName, ...], State]:
        """Return the products of `traded` by symbol, and the state of the books. 2 queries."""
        # Made before it is looked at: it is never read again for each product.
        names = f"""
            WITH s AS MATERIALIZED ({self._trading})
            SELECT symbol, id FROM futures_product WHERE id IN (SELECT product_id FROM s)
            ORDER BY symbol, id"""  # noqa: S608  constants
        rows, state = self._ask_both(names, self._stating)
        return tuple(starmap(ProductName, rows)), split(state)

    @property
    def _trading(self) -> str:
        if self.whole_days:
            return f"""
                SELECT DISTINCT t.product_id FROM ledger_dayresult t
                WHERE {_FEW} AND t.day = ANY(%(days)s::date[]) AND {_PRODUCTS}
                    AND (t.trade_count > 0 OR t.held_count > 0)"""  # noqa: S608  constants
        return (
            f"SELECT DISTINCT s.product_id FROM {_SEGMENTS} CROSS JOIN LATERAL "  # noqa: S608
            f"(SELECT DISTINCT t.product_id {self._within}) s"
        )

    def held_back(self, *, counted: bool = True) -> tuple[str, ...]:
        """Return what to say of closed trades that are in no sum, and of days in doubt. 1 query.

        A trade within several stretches is one trade. `counted` as in `ledger.queries.held_back`.
        """
        rows = self._ask(self._not_whole)
        return told((Shortfall(*row) for row in rows), counted=counted)

    @property
    def _stating(self) -> str:
        return f"{self._not_whole} UNION ALL {_LAST_DAY}"

    @property
    def _not_whole(self) -> str:
        stretched = f"""EXISTS (
                SELECT FROM {_SEGMENTS} WHERE t.closed_ns BETWEEN w.first_ns AND w.last_ns
            )"""
        within = "t.closed_on = ANY(%(days)s::date[])" if self.whole_days else stretched
        return f"""
            SELECT 'held', t.held, count(*), NULL::date FROM ledger_trade t
            WHERE t.pnl_usd IS NULL AND {_FEW} AND {_PRODUCTS} AND {within} GROUP BY 2
            UNION ALL
            SELECT 'doubted', t.state, count(DISTINCT t.day), min(t.day)
            FROM ledger_reconciledday t
            WHERE t.state IN ({DOUBTFUL}) AND t.day = ANY(%(days)s::date[])
                AND {_FEW} AND {_PRODUCTS}
            GROUP BY 2"""  # noqa: S608  constants

    @property
    def _within(self) -> str:
        of = _FEW if self._are_few else _MANY
        return f"""FROM ledger_trade t
            WHERE t.closed_ns BETWEEN w.first_ns AND w.last_ns AND {of} AND {_PRODUCTS}"""

    def _ask(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of a statement; of few accounts it is planned once a connection."""
        if self._are_few:
            return asked_again(*self._asked(sql))
        given = {name: self._texts[name](self) for name in set(_NAME.findall(sql))}
        with connection.cursor() as cursor:
            cursor.execute(sql, given)
            return list(cursor.fetchall())

    def _ask_both(self, one: str, other: str) -> list[list[tuple[Any, ...]]]:
        """Return the rows of two statements; of few accounts they go in one trip."""
        if self._are_few:
            return asked_together(self._asked(one), self._asked(other))
        return [self._ask(one), self._ask(other)]

    def _asked(self, sql: str) -> Asked:
        places = _NAME.findall(sql)
        told = {name: self._texts[name](self) for name in set(places)}
        return _NAME.sub("%s", sql), [told[name] for name in places]

    @property
    def _are_few(self) -> bool:
        return len(self.account_ids) <= FEW

    _texts: ClassVar[dict[str, Callable[[Around], str]]] = {
        "first": lambda around: array(first for first, _ in around.segments),
        "last": lambda around: array(last for _, last in around.segments),
        "accounts": lambda around: array(around.account_ids),
        "products": lambda around: array(around.products),
        "days": lambda around: array(around.days),
    }


def _over(
    stretches: Collection[Stretch], segments: Sequence[Stretch], rows: Iterable[tuple[Any, ...]]
) -> dict[Stretch, list[ProductSum]]:
    """Sum segments over stretches, each of which is a run of them.

    rows  place of the segment, product, pnl, trades

    A run's sum is the difference of two running totals: it costs the same however long it is.
    """
    found: dict[Stretch, list[ProductSum]] = defaultdict(list)
    cells = list(rows)
    products = sorted({row[1] for row in cells})
    column = {product: place for place, product in enumerate(products)}
    pnl = np.full((len(segments) + 1, len(products)), 0, object)
    trades = np.zeros(pnl.shape, np.int64)
    for n, product, amount, number in cells:
        pnl[n + 1, column[product]], trades[n + 1, column[product]] = amount, number
    pnl, trades = pnl.cumsum(axis=0), trades.cumsum(axis=0)
    begins = [first for first, _ in segments]
    for first, last in stretches:
        if first > last:
            continue
        one, other = bisect_left(begins, first), bisect_left(begins, last + 1)
        count = trades[other] - trades[one]
        for place in np.flatnonzero(count).tolist():
            amount = pnl[other, place] - pnl[one, place]
            found[first, last].append((products[place], amount, int(count[place])))
    return found
