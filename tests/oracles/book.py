"""The books once more, from the definitions alone: lots in a queue, fractions, no tables.

Nothing here knows how `calc` or `ledger` do it; that is the point.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def instant(ns: int) -> datetime:
    """Nanoseconds since 1970 as the microsecond they fall into."""
    return EPOCH + timedelta(microseconds=ns // 1000)


def half_even(value: Fraction, digits: int) -> Decimal:
    """Round once, half to even; `round` of a Fraction is exact."""
    return Decimal(round(value * 10**digits)).scaleb(-digits)


@dataclass(frozen=True)
class Market:
    """What the provider says of a contract."""

    contract: str
    product: str
    currency: str
    point_value: Fraction


@dataclass(frozen=True)
class Execution:
    """An effective fill; fees in contract currency, for the whole of it."""

    account: str
    market: Market
    ns: int
    received: int
    exec_id: str
    leg: int
    signed: int
    price: Fraction
    fees: Fraction

    @property
    def place(self):
        return (self.ns, self.received, self.exec_id, self.leg)

    @property
    def day(self) -> date:
        return instant(self.ns).date()


@dataclass
class Cycle:
    """From flat to flat, or still open."""

    market: Market
    account: str
    side: int
    first: Execution
    last: Execution
    lots: deque = field(default_factory=deque)  # [contracts, price]
    held: int = 0
    opened: int = 0
    closed: int = 0
    paid: Fraction = Fraction(0)
    got: Fraction = Fraction(0)
    parts: list = field(default_factory=list)  # (execution, contracts, fees)
    gross: dict = field(default_factory=lambda: defaultdict(Fraction))  # day -> currency
    fees: dict = field(default_factory=lambda: defaultdict(Fraction))

    def take(self, fill: Execution, signed: int, fees: Fraction) -> None:
        contracts, self.last = abs(signed), fill
        self.parts.append((fill, contracts, fees))
        self.fees[fill.day] += fees
        self.gross[fill.day] += 0
        if signed * self.side > 0:
            self.lots.append([contracts, fill.price])
            self.opened += contracts
            self.paid += contracts * fill.price
        else:
            self.closed += contracts
            self.got += contracts * fill.price
            while contracts:
                lot = self.lots[0]
                some = min(contracts, lot[0])
                moved = (fill.price - lot[1]) * self.side * some
                self.gross[fill.day] += moved * self.market.point_value
                lot[0] -= some
                contracts -= some
                if not lot[0]:
                    self.lots.popleft()
        self.held += signed


@dataclass
class Books:
    trades: list[Cycle]
    open: list[Cycle]


def keep(fills: Iterable[Execution]) -> Books:
    """Fold fills into cycles per account and contract, splitting those that cross zero."""
    heaps = defaultdict(list)
    for fill in fills:
        heaps[fill.account, fill.market.contract].append(fill)
    books = Books([], [])
    for heap in heaps.values():
        cycle = None
        for fill in sorted(heap, key=lambda one: one.place):
            left, fees = fill.signed, fill.fees
            while left:
                if cycle is None:
                    side = 1 if left > 0 else -1
                    cycle = Cycle(fill.market, fill.account, side, first=fill, last=fill)
                part = left
                if left * cycle.held < 0 and abs(left) > abs(cycle.held):
                    part = -cycle.held
                # pro rata, to the millionth in which fees are kept; the rest gets the rest
                share = fees if part == left else Fraction(half_even(fees * part / left, 6))
                cycle.take(fill, part, share)
                left, fees = left - part, fees - share
                if not cycle.held:
                    books.trades.append(cycle)
                    cycle = None
        if cycle is not None:
            books.open.append(cycle)
    return books


Rate = Callable[[str, date], Fraction]


def usd(parts: dict, currency: str, rate: Rate, *, digits: int | None = 6) -> Fraction:
    """Turn a cycle's days into USD, each at its own rate; `digits` as they are stored."""
    total = Fraction(0)
    for day, native in parts.items():
        exact = native * rate(currency, day)
        total += exact if digits is None else Fraction(half_even(exact, digits))
    return total


@dataclass(frozen=True)
class Trade:
    """A closed cycle in USD."""

    cycle: Cycle
    gross: Fraction
    fees: Fraction
    exact: Fraction  # the pnl without any rounding on the way

    @property
    def pnl(self) -> Fraction:
        return self.gross - self.fees

    @property
    def product(self) -> str:
        return self.cycle.market.product

    @property
    def day(self) -> date:
        return self.cycle.last.day

    @property
    def held_ns(self) -> int:
        return self.cycle.last.ns - self.cycle.first.ns


def priced(cycles: Iterable[Cycle], rate: Rate) -> list[Trade]:
    """Closed cycles in USD, in closing order."""
    found = []
    for cycle in cycles:
        money = cycle.market.currency
        found.append(
            Trade(
                cycle,
                gross=usd(cycle.gross, money, rate),
                fees=usd(cycle.fees, money, rate),
                exact=usd(cycle.gross, money, rate, digits=None)
                - usd(cycle.fees, money, rate, digits=None),
            )
        )
    return sorted(found, key=lambda trade: trade.cycle.last.place)
