"""The group's results by day and product."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from operator import itemgetter

from accounts.access import Accounts
from common.api import Period
from common.cache import cached
from comparative.cohort import EVERYBODY, Cohort, Figure
from comparative.queries.atoms import Cell, cells
from comparative.queries.reading import Reading, reading


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


@cached(ttl="comparative.performance-by-time")
def performance_by_time(
    *, accounts: Accounts, period: Period, cohort: Cohort
) -> Reading[tuple[GroupDay, ...]]:
    """Return the sum of all accounts by day and product, oldest day first. 2 queries.

    Products run from most to least profitable; suppressed ones come last, by symbol, so that their
    place tells nothing.
    """
    hidden: list[Figure] = []
    days = tuple(
        GroupDay(day, day.isoweekday(), _products(those, cohort, hidden))
        for day, those in groupby(
            cells(accounts=accounts, period=period, cohort=cohort), key=itemgetter(0)
        )
    )
    return reading(days, accounts=accounts, period=period, cohort=cohort, figures=hidden)


def _products(
    those: Iterable[Cell], cohort: Cohort, hidden: list[Figure]
) -> tuple[GroupProduct, ...]:
    """Shape a day's cells, which come in their order; put a figure into `hidden` for each of it."""
    if cohort == EVERYBODY:
        return tuple(
            GroupProduct(symbol, product, pnl, trades, False)
            for _, symbol, product, pnl, trades, _ in those
        )
    told: list[GroupProduct] = []
    last: list[GroupProduct] = []
    for _, symbol, product, pnl, trades, others in those:
        figure = cohort.atom(pnl, trades, others)
        row = GroupProduct(symbol, product, figure.pnl, figure.trade_count, figure.suppressed)
        (last if figure.suppressed else told).append(row)
        if figure.suppressed:
            hidden.append(figure)
    last.sort(key=lambda row: (row.product, row.product_id))
    return (*told, *last)
