"""A day's figures with the fills behind them: enough to add each of them up by hand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Q

from accounts.access import Accounts
from common.api import Invalid, Period
from common.clock import NS_PER_DAY, from_ns
from futures.models import Contract
from ledger.fold.facts import number_of
from ledger.lineage import Part, Realised, Run, TooMany, runs_of
from ledger.models import DayResult, Fill, State, Trade
from ledger.queries import of_products
from ledger.tally import CLOSING_ORDER
from personal.queries.reading import Reading, reading
from traders.models import PlatformAccount

ZERO = Decimal(0)
MOST_FILLS = 10_000
COPIED = "fills is empty where is_copied: the trade was copied from production, its fills were not"
WORDS = {
    State.REPLACED: "corrected",
    State.VOID: "busted",
    State.EXCLUDED: "excluded",
    State.WAITING: "waiting",
}


@dataclass(frozen=True, slots=True)
class DayProduct:
    """One product's part of the day, as the books hold it. USD.

    pnl       of the trades closed on the day, `held_count` of them apart
    realized  what the day's own fills realised; None while a rate is missing
    """

    product: str
    product_id: int
    pnl: Decimal
    trade_count: int
    held_count: int
    realized: Decimal | None


@dataclass(frozen=True, slots=True)
class DayRun:
    """A trade that closed on the day, or a position held over its end with a fill on it.

    closed_at  None: held; position: contracts held at the day's end, signed
    pnl        of a trade as booked, of a position what it has realised so far; None: see held
    """

    id: UUID
    account: str
    product: str
    product_id: int
    contract: str
    currency: str
    point_value: Decimal | None
    side: int
    quantity: int
    position: int
    opened_at: datetime
    closed_at: datetime | None
    pnl: Decimal | None
    held: str
    is_copied: bool
    days: tuple[Realised, ...]
    fills: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class UnusedFill:
    """A row that counts in no position; contract is None while its instrument is not known."""

    account: str
    datetime: datetime
    contract: str | None
    instrument: str
    side: int
    price: Decimal
    quantity: int
    exec_id: str
    leg_index: int
    corrects: str | None
    state: str
    reason: str

    @classmethod
    def of(cls, fill: Fill) -> UnusedFill:
        """Shape a row that was read with its account and contract."""
        return cls(
            str(fill.account), from_ns(fill.executed_ns),
            fill.contract.name if fill.contract else None, fill.instrument_id, fill.side,
            fill.price, fill.quantity, fill.exec_id, fill.leg_index, fill.ref_exec_id,
            WORDS[State(fill.state)], fill.reason,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class DayFills:
    """A UTC day's figures and all that they stand on."""

    date: date
    pnl: Decimal
    trade_count: int
    held_count: int
    realized: Decimal | None
    products: tuple[DayProduct, ...]
    trades: tuple[DayRun, ...]
    open: tuple[DayRun, ...]
    unused: tuple[UnusedFill, ...]


def day_fills(
    *, accounts: Accounts, day: date, products: tuple[int, ...] = ()
) -> Reading[DayFills]:
    """Return a day's figures by product, its trades and open positions with their fills, and the
    rows that do not count.

    12 queries, 6 where there are no fills; one more in a foreign currency.
    """
    of_day = Q(of_products(products), account__in=accounts.ids)
    results = list(DayResult.objects.filter(of_day, day=day).order_by("account", "contract"))
    booked = list(Trade.objects.filter(of_day, closed_on=day).order_by(*CLOSING_ORDER))
    unused = _unused(accounts, day, products)
    try:
        groups = [(row.account_id, row.contract_id) for row in results]
        runs = runs_of(groups, day, most=MOST_FILLS - len(unused))
    except TooMany as more:
        raise _too_many(more.count + len(unused)) from more
    book = _Book(
        PlatformAccount.objects.in_bulk(accounts.ids),
        Contract.objects.select_related("product").in_bulk({row.contract_id for row in results}),
    )
    by_id = {run.trade_id: run for run in runs}
    lines = book.products(results)
    found = DayFills(
        date=day,
        pnl=sum((line.pnl for line in lines), ZERO),
        trade_count=sum(line.trade_count for line in lines),
        held_count=sum(line.held_count for line in lines),
        realized=_sum([line.realized for line in lines]),
        products=lines,
        trades=tuple(book.trade(trade, by_id.get(trade.id)) for trade in booked),
        open=tuple(book.position(run) for run in runs if run.position),
        unused=unused,
    )
    return reading(
        found,
        accounts=accounts,
        period=Period(day, day),
        products=products,
        notes=_notes(found),
    )


@dataclass(frozen=True, slots=True)
class _Book:
    """Accounts and contracts by their ids."""

    accounts: Mapping[int, PlatformAccount]
    contracts: Mapping[int, Contract]

    def products(self, results: Sequence[DayResult]) -> tuple[DayProduct, ...]:
        """Add up accounts and months; most profitable first, as performance-by-time has them."""
        of: dict[int, list[DayResult]] = defaultdict(list)
        for row in results:
            of[row.product_id].append(row)
        symbols = {one.product_id: one.product.symbol for one in self.contracts.values()}
        lines = [
            DayProduct(
                product=symbols[product],
                product_id=product,
                pnl=sum((row.pnl_usd for row in rows), ZERO),
                trade_count=sum(row.trade_count for row in rows),
                held_count=sum(row.held_count for row in rows),
                realized=_sum([None if row.realized_held else row.realized_usd for row in rows]),
            )
            for product, rows in of.items()
        ]
        return tuple(sorted(lines, key=lambda line: (-line.pnl, line.product, line.product_id)))

    def trade(self, trade: Trade, run: Run | None) -> DayRun:
        """Shape a closed trade as booked; a copied one realised all of it when it closed."""
        whole = Realised(trade.closed_on, None, trade.pnl_usd)
        return DayRun(
            id=trade.id,
            **self._place(trade.account_id, trade.contract_id),
            side=trade.side,
            quantity=trade.quantity,
            position=0,
            opened_at=trade.opened_at,
            closed_at=trade.closed_at,
            pnl=trade.pnl_usd,
            held=trade.held,
            is_copied=trade.is_copied,
            days=run.days if run else (whole,) if trade.is_copied else (),
            fills=tuple(run.fills) if run else (),
        )

    def position(self, run: Run) -> DayRun:
        return DayRun(
            id=run.trade_id,
            **self._place(run.account_id, run.contract_id),
            side=run.side,
            quantity=run.quantity,
            position=run.position,
            opened_at=from_ns(run.fills[0].executed_ns),
            closed_at=None,
            pnl=_sum([day.realized for day in run.days]),
            held=run.held,
            is_copied=False,
            days=run.days,
            fills=tuple(run.fills),
        )

    def _place(self, account_id: int, contract_id: int) -> dict[str, Any]:
        contract = self.contracts[contract_id]
        return {
            "account": str(self.accounts[account_id]),
            "product": contract.product.symbol,
            "product_id": contract.product_id,
            "contract": contract.name,
            "currency": contract.currency,
            "point_value": contract.point_value,
        }


def _unused(accounts: Accounts, day: date, products: tuple[int, ...]) -> tuple[UnusedFill, ...]:
    """Return the rows of the day that count in no position, in order. 1 query."""
    first_ns = number_of(day) * NS_PER_DAY
    rows = Fill.objects.filter(
        ~Q(state=State.USABLE),
        Q(contract__product__in=products) if products else Q(),
        account__in=accounts.ids,
        executed_ns__gte=first_ns,
        executed_ns__lt=first_ns + NS_PER_DAY,
    )
    rows = rows.select_related("account", "contract").order_by(
        "executed_ns", "received_ns", "exec_id", "leg_index", "account"
    )
    found = list(rows[: MOST_FILLS + 1])
    if len(found) > MOST_FILLS:
        raise _too_many(len(found))
    return tuple(map(UnusedFill.of, found))


def _too_many(count: int) -> Invalid:
    return Invalid(
        "product",
        f"The day stands on {count:,} fills, and {MOST_FILLS:,} are told at most: name one "
        "product, or read its trades one by one at personal/trades/{id}",
    )


def _notes(found: DayFills) -> tuple[str, ...]:
    runs = (*found.trades, *found.open)
    held = sorted({run.held for run in runs if run.held})
    gone = [run for run in found.trades if not run.fills and not run.is_copied]
    return (
        *(f"realized is null: {reason}" for reason in held),
        *([COPIED] if any(run.is_copied for run in found.trades) else []),
        *(f"fills is empty: those of trade {run.id} are not in the books" for run in gone),
    )


def _sum(amounts: Sequence[Decimal | None]) -> Decimal | None:
    """Return the sum; None where an amount is not known."""
    known = [amount for amount in amounts if amount is not None]
    return sum(known, ZERO) if len(known) == len(amounts) else None
