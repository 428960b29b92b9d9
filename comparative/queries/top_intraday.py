"""The group's best trades of a day, minute by minute: in USD, or as an index."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import QuerySet

from accounts.access import Accounts
from common.api import Period
from common.cache import cached
from common.clock import from_ns, to_ns
from comparative.queries.reading import Reading
from comparative.veil import indexed, pseudonym
from futures.queries import symbols
from ledger.candles import of_trades, version_of
from ledger.candles.lines import TradeKey
from ledger.candles.words import Minutes
from ledger.fold.results import TOO_LARGE
from ledger.models import Trade
from ledger.queries import in_doubt, not_whole, on_days
from traders.models import PlatformAccount

NO_FILLS = "Trades that were copied without their fills have no candles"
NO_MINUTES = Minutes((), (), (), (), ())
NS_PER_SECOND = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Series:
    """A trade under a name for one viewer; its candles are an index, its times whole seconds."""

    id: UUID
    product: str
    opened_at: datetime
    closed_at: datetime
    is_own: bool
    candles: Minutes


@dataclass(frozen=True, slots=True)
class TopTrade:
    """A trade as it is; candles in micro-USD, net of fees, from 0."""

    id: UUID
    product: str
    opened_at: datetime
    closed_at: datetime
    is_own: bool
    candles: Minutes
    trader: int
    trader_name: str
    side: int
    pnl: Decimal


@dataclass(frozen=True, slots=True)
class Shape:
    """What may be told of a trade to those from whom its size is hidden; kept for all of them."""

    trade_id: UUID
    account_id: int
    product: str
    opened_at: datetime
    closed_at: datetime
    candles: Minutes


@dataclass(frozen=True, slots=True)
class Winner:
    """A trade as an admin reads it; kept for all admins of the group."""

    trade_id: UUID
    account_id: int
    product: str
    opened_at: datetime
    closed_at: datetime
    side: int
    pnl: Decimal
    candles: Minutes


def top_series(
    *, accounts: Accounts, period: Period, limit: int, own: tuple[int, ...], viewer: int
) -> Reading[tuple[Series, ...]]:
    """Return the `limit` best trades of a day by their names for this viewer: in no order at all.

    Nothing in it changes with the size of a trade that stays among the best. 1 query where the
    trades are cached.

    period  one UTC day; empty where it is not covered
    own     the viewer's accounts; viewer: the log-in
    """
    version = version_of(accounts)
    found = _shapes(accounts=accounts, period=period, limit=limit, version=version)
    return Reading(for_viewer(found.rows, day=period.start, own=own, viewer=viewer), found.notes)


def for_viewer(
    shapes: Iterable[Shape], *, day: date, own: Collection[int], viewer: int
) -> tuple[Series, ...]:
    """Return trades under their names for one viewer, in the order of the names."""
    rows = (
        Series(
            id=pseudonym(shape.trade_id, viewer=viewer, day=day),
            product=shape.product,
            opened_at=shape.opened_at,
            closed_at=shape.closed_at,
            is_own=shape.account_id in own,
            candles=shape.candles,
        )
        for shape in shapes
    )
    return tuple(sorted(rows, key=lambda row: row.id))


def top_trades(
    *, accounts: Accounts, period: Period, limit: int, own: tuple[int, ...]
) -> Reading[tuple[TopTrade, ...]]:
    """Return the `limit` best trades of a day, the best first. 2 queries where they are cached.

    Whose the accounts are is read anew each time.
    """
    version = version_of(accounts)
    found = _winners(accounts=accounts, period=period, limit=limit, version=version)
    accounts_of = PlatformAccount.objects.filter(id__in={one.account_id for one in found.rows})
    whose = {
        account: (trader, name)
        for account, trader, name in accounts_of.values_list("id", "trader_id", "trader__name")
    }
    rows = (
        TopTrade(
            id=winner.trade_id,
            product=winner.product,
            opened_at=winner.opened_at,
            closed_at=winner.closed_at,
            is_own=winner.account_id in own,
            candles=winner.candles,
            trader=whose[winner.account_id][0],
            trader_name=whose[winner.account_id][1],
            side=winner.side,
            pnl=winner.pnl,
        )
        for winner in found.rows
    )
    return Reading(tuple(rows), found.notes)


@cached(ttl="comparative.top-intraday")
def _shapes(
    *, accounts: Accounts, period: Period, limit: int, version: str
) -> Reading[tuple[Shape, ...]]:
    """Return the best trades as an index. 12 queries at most."""
    best, symbol_of = _best(accounts, period, limit), symbols()
    candles = indexed(of_trades(trades=_keys(best), gross=True))
    rows = tuple(
        Shape(
            trade_id=trade.id,
            account_id=trade.account_id,
            product=symbol_of[trade.product_id],
            opened_at=_second(trade.opened_ns),
            closed_at=_second(trade.closed_ns),
            candles=candles.get(trade.id, NO_MINUTES),
        )
        for trade in best
    )
    # How many are held back, or that a result is too large, would tell of sizes.
    held = _held_back(accounts, period).exclude(held=TOO_LARGE)
    doubted = in_doubt(accounts=accounts, period=period)
    return Reading(rows, (*not_whole(held, doubted, counted=False), *_unfilled(best)))


@cached(ttl="comparative.top-intraday")
def _winners(
    *, accounts: Accounts, period: Period, limit: int, version: str
) -> Reading[tuple[Winner, ...]]:
    """Return the best trades in USD. 12 queries at most."""
    best, symbol_of = _best(accounts, period, limit), symbols()
    candles = of_trades(trades=_keys(best), gross=False)
    rows = tuple(
        Winner(
            trade_id=trade.id,
            account_id=trade.account_id,
            product=symbol_of[trade.product_id],
            opened_at=trade.opened_at,
            closed_at=trade.closed_at,
            side=trade.side,
            pnl=trade.pnl_usd or Decimal(0),
            candles=candles.get(trade.id, NO_MINUTES),
        )
        for trade in best
    )
    held, doubted = _held_back(accounts, period), in_doubt(accounts=accounts, period=period)
    return Reading(rows, (*not_whole(held, doubted, counted=True), *_unfilled(best)))


def _intraday(accounts: Accounts, period: Period) -> QuerySet[Trade]:
    """Return the trades opened and closed on the day."""
    since = to_ns(period.instants[0])
    return Trade.objects.filter(on_days("closed_on", period)).filter(
        account__in=accounts.ids, opened_ns__gte=since
    )


def _best(accounts: Accounts, period: Period, limit: int) -> list[Trade]:
    """Return the best of those that made money; of equals the one that closed first. 1 query."""
    found = _intraday(accounts, period).filter(pnl_usd__gt=0)
    return list(found.order_by("-pnl_usd", "closed_ns", "id")[:limit])


def _keys(trades: Collection[Trade]) -> list[TradeKey]:
    return [(trade.account_id, trade.id) for trade in trades]


def _held_back(accounts: Accounts, period: Period) -> QuerySet[Trade]:
    """Return what has no result yet."""
    return _intraday(accounts, period).filter(pnl_usd__isnull=True)


def _unfilled(trades: Collection[Trade]) -> tuple[str, ...]:
    return (NO_FILLS,) if any(trade.is_copied for trade in trades) else ()


def _second(ns: int) -> datetime:
    """Cut an instant to the second: a print of the exchange's tape shows its size."""
    return from_ns(ns - ns % NS_PER_SECOND)
