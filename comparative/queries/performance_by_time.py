"""The group's results by day and product."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby

from accounts.access import Accounts
from common.api import Period
from common.cache import cached
from comparative.cohort import Cohort
from comparative.queries.atoms import Atom, atoms
from comparative.queries.reading import Reading, reading
from futures.queries import symbols

ZERO = Decimal(0)


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
    """Return the sum of all accounts by day and product, oldest day first. 3 queries.

    Products run from most to least profitable; suppressed ones come last, by symbol, so that their
    place tells nothing.
    """
    cells = atoms(accounts=accounts, period=period, cohort=cohort, days=True)
    symbol_of = symbols()
    days = tuple(
        GroupDay(day, day.isoweekday(), _products(those, symbol_of))
        for day, those in groupby(cells, key=lambda atom: atom.day)
        if day
    )
    figures = (atom.figure for atom in cells)
    return reading(days, accounts=accounts, period=period, cohort=cohort, figures=figures)


def _products(those: Iterable[Atom], symbol_of: dict[int, str]) -> tuple[GroupProduct, ...]:
    rows = (
        GroupProduct(
            symbol_of[atom.product_id],
            atom.product_id,
            atom.figure.pnl,
            atom.figure.trade_count,
            atom.figure.suppressed,
        )
        for atom in those
    )
    return tuple(sorted(rows, key=_profit_first))


def _profit_first(row: GroupProduct) -> tuple[bool, Decimal, str, int]:
    return row.suppressed, -(row.pnl or ZERO), row.product, row.product_id
