"""What a trader made around the events of the calendar."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from accounts.access import Accounts
from common.api import Period
from common.cache import cached
from futures.queries import Event, Kinds, ProductName, Window, events_of, symbols
from ledger.windows import Around, ProductSum, stretch_of
from personal.queries.performance import ProductPnl
from personal.queries.reading import Reading


class EventPnl(NamedTuple):
    """The trades that closed around an event; products by absolute pnl, all as `ProductPnl`."""

    event: Event
    pnl: int
    trade_count: int
    products: tuple[ProductPnl, ...]


@cached(ttl="personal.calendar-events")
def calendar_events(
    *,
    accounts: Accounts,
    period: Period,
    kinds: Kinds,
    window: Window | None,
    products: tuple[int, ...] = (),
    version: str,
) -> Reading[tuple[EventPnl, ...]]:
    """Return the events of the period by time, those without a trade too. 4 queries.

    An event has the trades that closed on its UTC day; with a window those that closed within it,
    on whichever day. Without accounts there are no events.

    version    of calendar_version(): part of the cache key
    """
    events = events_of(period, kinds) if accounts.ids else ()
    stretches = [stretch_of(event.at, window) for event in events]
    around = Around(accounts.ids, frozenset(stretches), window is None, products)
    symbol_of = symbols()
    found, (last, held) = around.micros_and_state()
    shown = {stretch: _products(sums, symbol_of) for stretch, sums in found.items()}
    rows = tuple(
        _row(event, shown.get(stretch, ()))
        for event, stretch in zip(events, stretches, strict=True)
    )
    return Reading(rows, held, last)


@cached(ttl="personal.calendar-events.traded-products")
def calendar_events_traded_products(
    *,
    accounts: Accounts,
    period: Period,
    kinds: Kinds,
    window: Window | None,
    products: tuple[int, ...] = (),
    version: str,
) -> Reading[tuple[ProductName, ...]]:
    """Return the products of the trades around these events, held ones too. 3 queries.

    version    of calendar_version(): part of the cache key
    """
    events = events_of(period, kinds) if accounts.ids else ()
    stretches = frozenset(stretch_of(event.at, window) for event in events)
    around = Around(accounts.ids, stretches, window is None, products)
    rows, (last, held) = around.names_and_state()
    return Reading(rows, held, last)


def _products(sums: Iterable[ProductSum], symbol_of: dict[int, str]) -> tuple[ProductPnl, ...]:
    rows = [
        ProductPnl(symbol_of[product], product, int(pnl), trades) for product, pnl, trades in sums
    ]
    return tuple(sorted(rows, key=lambda row: (-abs(row.pnl), row.product, row.product_id)))


def _row(event: Event, products: tuple[ProductPnl, ...]) -> EventPnl:
    return EventPnl(
        event,
        sum([row.pnl for row in products]),
        sum([row.trade_count for row in products]),
        products,
    )
