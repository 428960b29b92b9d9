"""What last week was like: of one trader, or of a group as all of its members may know it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TypeVar

ZERO = Decimal(0)
WEEK = timedelta(days=7)
EARLIER = 4  # weeks that a win rate is compared with
OTHERS_TO_NAME = 3  # traders beside the reader, before a group's prompt names a product

K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class Row:
    """One trader's trades in one product that closed on one UTC day; held ones have no pnl yet."""

    trader_id: int
    day: date
    product_id: int
    symbol: str
    pnl: Decimal
    trades: int
    wins: int
    held: int


@dataclass(frozen=True, slots=True)
class ProductResult:
    id: int
    symbol: str
    pnl: Decimal
    trades: int


@dataclass(frozen=True, slots=True)
class DayPnl:
    day: date
    pnl: Decimal


@dataclass(frozen=True, slots=True)
class Week:
    """Last week, Monday to Sunday, in what may be told of it.

    traded    anything was closed, told or not
    products  that may be named, best first; days with trades, best first
    trades, wins                    last week's
    earlier_trades, earlier_wins    of the four weeks before
    """

    traded: bool
    products: tuple[ProductResult, ...] = ()
    days: tuple[DayPnl, ...] = ()
    trades: int = 0
    wins: int = 0
    earlier_trades: int = 0
    earlier_wins: int = 0


def monday_of(day: date) -> date:
    """Return the Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def own_week(rows: Iterable[Row], *, monday: date) -> Week:
    """Return one trader's week before `monday`, from the rows of five weeks."""
    return _week(list(rows), monday, least_to_name=1)


def shared_week(rows: Iterable[Row], *, monday: date, least: int) -> Week:
    """Return the week of a group before `monday`, fit for the eyes of each of its members.

    least  the group's min_cohort. A reader may be one of the traders behind a day of a product, and
           the *others* are one fewer then: so more than `least` have to stand behind it.
    """
    every = list(rows)
    atoms = _by(every, lambda row: (row.day, row.product_id))
    told = [row for atom in atoms.values() if _traders(atom) > least for row in atom]
    week = _week(told, monday, least_to_name=max(OTHERS_TO_NAME, least) + 1)
    return replace(week, traded=_anything(every, monday))


def _week(rows: list[Row], monday: date, *, least_to_name: int) -> Week:
    last = [row for row in rows if row.day >= monday - WEEK]
    earlier = [row for row in rows if row.day < monday - WEEK]
    priced = [row for row in last if row.trades]
    products = [
        ProductResult(*product, _pnl(those), sum(row.trades for row in those))
        for product, those in _by(priced, lambda row: (row.product_id, row.symbol)).items()
        if _traders(those) >= least_to_name
    ]
    days = [DayPnl(day, _pnl(those)) for day, those in _by(priced, lambda row: row.day).items()]
    return Week(
        traded=_anything(rows, monday),
        products=tuple(sorted(products, key=lambda one: (-one.pnl, one.symbol, one.id))),
        days=tuple(sorted(days, key=lambda one: (-one.pnl, one.day))),
        trades=sum(row.trades for row in last),
        wins=sum(row.wins for row in last),
        earlier_trades=sum(row.trades for row in earlier),
        earlier_wins=sum(row.wins for row in earlier),
    )


def _by(rows: Iterable[Row], key: Callable[[Row], K]) -> dict[K, list[Row]]:
    found: defaultdict[K, list[Row]] = defaultdict(list)
    for row in rows:
        found[key(row)].append(row)
    return found


def _traders(rows: Iterable[Row]) -> int:
    return len({row.trader_id for row in rows if row.trades})


def _pnl(rows: Iterable[Row]) -> Decimal:
    return sum((row.pnl for row in rows), ZERO)


def _anything(rows: Iterable[Row], monday: date) -> bool:
    return any(row.day >= monday - WEEK and (row.trades or row.held) for row in rows)
