"""One trade with the fills that made it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from accounts.access import Accounts
from calc.money import fees_usd_micros
from common.clock import NS_PER_DAY, from_ns
from common.fields import MONEY_PLACES, PRICE_PLACES, from_scaled
from journal.queries.images import ImageRow
from journal.queries.pages import Reader, images_asked, images_told
from journal.queries.trades import notes_asked, tags_asked
from ledger import queries as ledger
from ledger.arrays import array
from ledger.closed import TOLD, ClosedTrade, UnknownTrade, unmeasured
from ledger.fold.facts import ONE, number_of
from ledger.models import State, Trade
from ledger.parts import part_of_fees
from ledger.picked import asked_again, asked_together
from personal.queries.day_fills import WORDS, UnusedFill
from personal.queries.reading import Reading
from personal.queries.trades import TradeRow

COPIED = "fills is empty: the trade was copied from production, its fills were not"
USD = "USD"
# All of one trade is asked in one trip: each question finds the trade anew, by its key.
_FOUND = "(SELECT * FROM ledger_trade WHERE account_id = ANY(%s::bigint[]) AND id = %s::uuid) t"
_TRADE = f"""
SELECT {TOLD}, t.closed_used, c.currency, coalesce(nullif(a.name, ''), a.account)
FROM {_FOUND}
JOIN futures_product p ON p.id = t.product_id
JOIN futures_contract c ON c.id = t.contract_id
JOIN trader_platforms a ON a.id = t.account_id"""  # noqa: S608  constant text
# Other trades' fills may share its first or its last stamp.
_FILLS = f"""
SELECT f.executed_ns, f.exec_id, f.leg_index, f.ref_exec_id, f.root_exec_id, f.instrument_id,
    f.side, f.quantity, f.price, f.fees, f.state, f.reason
FROM {_FOUND}
JOIN ledger_fill f ON f.account_id = t.account_id AND f.contract_id = t.contract_id
    AND f.executed_ns BETWEEN t.opened_ns AND t.closed_ns
WHERE f.state <> '{State.USABLE.value}' OR (
    (f.executed_ns, f.received_ns, f.exec_id, f.leg_index)
        >= (t.opened_ns, t.opened_received_ns, t.opened_exec_id, t.opened_leg_index)
    AND (f.executed_ns, f.received_ns, f.exec_id, f.leg_index)
        <= (t.closed_ns, t.closed_received_ns, t.closed_exec_id, t.closed_leg_index)
)
ORDER BY f.executed_ns, f.received_ns, f.exec_id, f.leg_index"""  # noqa: S608
_SCHEDULE = f"""
SELECT s.from_day, s.per_side
FROM {_FOUND}
JOIN trader_platforms a ON a.id = t.account_id
JOIN traders r ON r.id = a.trader_id
JOIN futures_contract c ON c.id = t.contract_id
JOIN ledger_feeschedule s ON s.group_id = r.group_id AND s.product_id = c.product_id
ORDER BY s.from_day"""  # noqa: S608
_RATES = f"""
SELECT x.day, x.usd_per_unit
FROM {_FOUND}
JOIN futures_contract c ON c.id = t.contract_id AND c.currency <> '{USD}'
JOIN futures_fxrate x ON x.currency = c.currency
    AND x.day BETWEEN date '1970-01-01' + (t.opened_ns / {NS_PER_DAY})::int
        AND date '1970-01-01' + (t.closed_ns / {NS_PER_DAY})::int"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class TradeFill:
    """A fill, or the part of a flip that belongs to the trade; fees in USD."""

    datetime: datetime
    side: int
    price: Decimal
    quantity: int
    exec_id: str
    fees: Decimal | None
    corrects: str | None


@dataclass(frozen=True, slots=True)
class TradeDetail(TradeRow):
    """A trade, what it was made of, and what was written about it."""

    fills: tuple[TradeFill, ...]
    unused_fills: tuple[UnusedFill, ...]
    notes: str
    images: tuple[ImageRow, ...]


class FillRow(NamedTuple):
    """A fill as it stands in the books: billionths, millionths, nanoseconds."""

    executed_ns: int
    exec_id: str
    leg_index: int
    ref_exec_id: str | None
    root_exec_id: str
    instrument_id: str
    side: int
    quantity: int
    scaled_price: int
    fees: int | None
    state: str
    reason: str

    @property
    def price(self) -> Decimal:
        return from_scaled(self.scaled_price, PRICE_PLACES)

    @property
    def day(self) -> int:
        return self.executed_ns // NS_PER_DAY


@dataclass(frozen=True, slots=True)
class Prices:
    """What fees of a trade's fills are reckoned with.

    rates  USD per unit of the currency by days since 1970, of USD none
    days   since 1970, from which the scheduled fee of a side and contract is that in `fees`
    """

    currency: str
    rates: dict[int, Decimal]
    days: list[int]
    fees: list[int]

    @classmethod
    def of(cls, currency: str, rates: Iterable[Any], schedule: Sequence[Any]) -> Prices:
        return cls(
            currency,
            {number_of(day): rate for day, rate in rates},
            [number_of(day) for day, _ in schedule],
            [fee for _, fee in schedule],
        )

    def rate(self, day: int) -> Decimal | None:
        return ONE if self.currency == USD else self.rates.get(day)

    def fee(self, day: int) -> int:
        place = bisect_right(self.days, day)
        return self.fees[place - 1] if place else 0


def trade(*, accounts: Accounts, trade_id: UUID, reader: Reader) -> Reading[TradeDetail]:
    """Return one closed trade with its fills in order, its notes and its images. 8 queries.

    One more where its mae is not known.
    """
    mine, ids = [array(accounts.ids), str(trade_id)], [trade_id]
    told, near, schedule, rates, tags, notes, images, ((last,),) = asked_together(
        (_TRADE, mine),
        (_FILLS, mine),
        (_SCHEDULE, mine),
        (_RATES, mine),
        tags_asked(ids, accounts=accounts),
        notes_asked(ids, accounts=accounts),
        images_asked(ids, accounts=accounts),
        ledger.last_day_asked(accounts),
    )
    if not told:
        raise UnknownTrade
    *columns, closed_used, currency, account = told[0]
    one = ClosedTrade(*columns)
    fills, unused = _apart(near)
    prices = Prices.of(currency, rates, schedule)
    parts = parts_of(fills, side=one.side, closed_used=closed_used)
    rows = tuple(_row(fill, part, one, prices) for fill, part in zip(fills, parts, strict=True))
    held = (f"pnl is null: {one.held}",) if one.held else ()
    copied = (COPIED,) if one.is_copied else ()
    text = notes[0][1] if notes else ""
    detail = TradeDetail.told(
        one,
        tags=tuple(tag for _, tag in tags),
        has_notes=bool(text),
        fills=rows,
        unused_fills=tuple(_unused(fill, one, account) for fill in unused),
        notes=text,
        images=images_told(images, reader).get(trade_id, ()),
    )
    return Reading(detail, (*held, *_unpriced(rows, currency), *copied, *unmeasured([one])), last)


def found(accounts: Accounts, trade_id: UUID) -> Trade:
    """Return a closed trade of these accounts, with its contract and product. 1 query."""
    mine = Trade.objects.select_related("contract", "product").filter(account__in=accounts.ids)
    if (one := mine.filter(id=trade_id).first()) is None:
        raise UnknownTrade
    return one


def fills_of(trade: Trade) -> list[FillRow]:
    """Return the usable fills from a trade's first to its last, in the books' order. 1 query."""
    return _apart(asked_again(_FILLS, [array([trade.account_id]), str(trade.id)]))[0]


def _apart(near: Iterable[tuple[Any, ...]]) -> tuple[list[FillRow], list[FillRow]]:
    """Return the usable fills of a trade, and the rows of its contract from its first to its last
    instant that count in no position: corrected, busted, echoes.
    """  # fmt: skip
    fills = [FillRow(*row) for row in near]
    usable = [fill for fill in fills if fill.state == State.USABLE]
    return usable, [fill for fill in fills if fill.state != State.USABLE]


def parts_of(fills: Sequence[FillRow], *, side: int, closed_used: int) -> list[int]:
    """Return how many contracts of each fill belong to a trade.

    The last fill's part is booked. A trade goes from flat to flat, so the first fill's part is what
    the others leave open.
    """
    if not fills:
        return []
    parts = [*(fill.quantity for fill in fills[:-1]), closed_used]
    others = sum(fill.side * part for fill, part in zip(fills[1:], parts[1:], strict=True))
    return [-others * side, *parts[1:]]


def _row(fill: FillRow, part: int, trade: ClosedTrade, prices: Prices) -> TradeFill:
    return TradeFill(
        datetime=from_ns(fill.executed_ns),
        side=fill.side,
        price=fill.price,
        quantity=part,
        exec_id=fill.exec_id,
        fees=_fees(fill, part, trade, prices),
        corrects=fill.root_exec_id if fill.root_exec_id != fill.exec_id else None,
    )


def _unused(fill: FillRow, trade: ClosedTrade, account: str) -> UnusedFill:
    return UnusedFill(
        account, from_ns(fill.executed_ns), trade.contract, fill.instrument_id, fill.side,
        fill.price, fill.quantity, fill.exec_id, fill.leg_index, fill.ref_exec_id,
        WORDS[State(fill.state)], fill.reason,
    )  # fmt: skip


def _fees(fill: FillRow, part: int, trade: ClosedTrade, prices: Prices) -> Decimal | None:
    """Return the part's fees, USD."""
    whole = prices.fee(fill.day) * fill.quantity if fill.fees is None else fill.fees
    micros = part_of_fees(whole, part, fill.quantity, closing=fill.side != trade.side)
    rate = prices.rate(fill.day)
    if not micros:
        return Decimal(0)
    if rate is None:
        return None
    return from_scaled(int(fees_usd_micros([micros], rate)[0]), MONEY_PLACES)


def _unpriced(rows: Sequence[TradeFill], currency: str) -> tuple[str, ...]:
    days: list[date] = sorted({row.datetime.date() for row in rows if row.fees is None})
    return tuple(f"fees is null: no {currency} rate for {day}" for day in days)
