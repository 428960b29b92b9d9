"""What the group made around the events of the calendar."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import TypeVar

from accounts.access import Accounts
from common.api import Period
from common.cache import cached
from comparative.cohort import EVERYBODY, Cohort, Figure, total
from comparative.queries.performance_by_time import GroupProduct
from comparative.queries.reading import Reading
from comparative.queries.windows import figures_around
from futures.queries import Event, Kinds, ProductName, Window, events_of, names_of, symbols
from ledger.windows import Around, ProductSum, Stretch, stretch_of, whole_day

ZERO = Decimal(0)
T = TypeVar("T")
UNCUT = (
    "With before or after a product is told only where no day of the other traders is cut: all "
    "that they closed of it on the day lies within, or none"
)


@dataclass(frozen=True, slots=True)
class GroupEvent:
    """All visible traders' trades around an event; products by absolute pnl."""

    event: Event
    products: tuple[GroupProduct, ...]
    pnl: Decimal | None
    trade_count: int | None
    suppressed: bool


@cached(ttl="comparative.calendar-events")
def calendar_events(
    *,
    accounts: Accounts,
    period: Period,
    cohort: Cohort,
    through: date,
    kinds: Kinds,
    window: Window | None,
    products: tuple[int, ...] = (),
    version: str,
) -> Reading[tuple[GroupEvent, ...]]:
    """Return the events of the period by time, those without a trade too. 4 queries, 5 at most.

    An event has the trades that closed on its UTC day; with a window those that closed within it,
    on whichever day up to `through`. An event's sum is the one of the products that are told.

    version    of calendar_version(): part of the cache key
    """
    events = events_of(period, kinds)
    covered = [_covered(event, window, through) for event in events]
    around = Around(accounts.ids, frozenset(covered), window is None, products)
    symbol_of = symbols()
    if cohort == EVERYBODY:
        told = {one: _told(sums, symbol_of) for one, sums in around.sums().items()}
        rows = tuple(
            _event(event, told.get(stretch, ()))
            for event, stretch in zip(events, covered, strict=True)
        )
        return _reading(rows, around, cohort)
    found = figures_around(around, cohort)
    rows = tuple(
        _row(event, found.get(stretch, {}), symbol_of)
        for event, stretch in zip(events, covered, strict=True)
    )
    notes = cohort.notes(
        each for those in found.values() for each in (*those.values(), total(those.values()))
    )
    return _reading(rows, around, cohort, (*notes, UNCUT) if window and notes else notes)


@cached(ttl="comparative.calendar-events.traded-products")
def calendar_events_traded_products(
    *,
    accounts: Accounts,
    period: Period,
    cohort: Cohort,
    through: date,
    kinds: Kinds,
    window: Window | None,
    products: tuple[int, ...] = (),
    version: str,
) -> Reading[tuple[ProductName, ...]]:
    """Return the products of the trades around these events, held ones too. 4 queries, 6 at most.

    Under a cohort those that the viewer has traded, and those of which `calendar_events` tells a
    figure.
    """
    events = events_of(period, kinds)
    around = _around(accounts, events, window, products, through)
    if cohort == EVERYBODY:
        traded = around.traded()
    else:
        traded = replace(around, account_ids=cohort.own).traded()
        found = figures_around(around, cohort).values()
        traded |= {one for those in found for one, told in those.items() if not told.suppressed}
    return _reading(names_of(traded), around, cohort)


def _around(
    accounts: Accounts,
    events: Iterable[Event],
    window: Window | None,
    products: tuple[int, ...],
    through: date,
) -> Around:
    stretches = frozenset(_covered(event, window, through) for event in events)
    return Around(accounts.ids, stretches, window is None, products)


def _covered(event: Event, window: Window | None, through: date) -> Stretch:
    """Return the stretch of an event up to the end of the last day that is told."""
    first, last = stretch_of(event.at, window)
    return first, min(last, whole_day(through)[1])


def _told(sums: Iterable[ProductSum], symbol_of: dict[int, str]) -> tuple[GroupProduct, ...]:
    """Shape the products of a stretch where nothing hides."""
    found = sorted(
        [(-abs(pnl), symbol_of[product], product, pnl, trades) for product, pnl, trades in sums]
    )
    return tuple(
        [
            GroupProduct(symbol, product, pnl, trades, False)
            for _, symbol, product, pnl, trades in found
        ]
    )


def _event(event: Event, products: tuple[GroupProduct, ...]) -> GroupEvent:
    pnl = sum([row.pnl or ZERO for row in products], ZERO)
    return GroupEvent(event, products, pnl, sum([row.trade_count or 0 for row in products]), False)


def _row(event: Event, figures: dict[int, Figure], symbol_of: dict[int, str]) -> GroupEvent:
    rows = (
        GroupProduct(symbol_of[product], product, told.pnl, told.trade_count, told.suppressed)
        for product, told in figures.items()
    )
    whole = total(figures.values())
    return GroupEvent(
        event,
        tuple(sorted(rows, key=_largest_first)),
        whole.pnl,
        whole.trade_count,
        whole.suppressed,
    )


def _largest_first(row: GroupProduct) -> tuple[bool, Decimal, str, int]:
    return row.suppressed, -abs(row.pnl or ZERO), row.product, row.product_id


def _reading(rows: T, around: Around, cohort: Cohort, notes: tuple[str, ...] = ()) -> Reading[T]:
    """Put beside rows what is held back from them, under a cohort on whole days. 1 query."""
    if cohort != EVERYBODY:
        around = replace(around, stretches=frozenset(map(whole_day, around.days)))
    return Reading(rows, (*around.held_back(counted=cohort == EVERYBODY), *notes))
