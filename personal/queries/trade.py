"""One trade with the fills that made it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from accounts.access import Accounts
from calc.money import fees_usd_micros
from common.clock import NS_PER_DAY, from_ns
from common.fields import MONEY_PLACES, from_scaled, to_scaled
from journal.queries.images import ImageRow
from journal.queries.pages import Reader, images_of
from journal.queries.trades import notes_of, tag_ids_of
from ledger import queries as ledger
from ledger.closed import UnknownTrade, unmeasured
from ledger.fold.facts import Facts, read_facts, read_rates
from ledger.models import Fill, State, Trade
from ledger.parts import part_of_fees
from personal.queries.day_fills import UnusedFill
from personal.queries.reading import Reading
from personal.queries.trades import TradeRow

COPIED = "fills is empty: the trade was copied from production, its fills were not"


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


def trade(*, accounts: Accounts, trade_id: UUID, reader: Reader) -> Reading[TradeDetail]:
    """Return one closed trade with its fills in order, its notes and its images. 9 queries.

    One more in a foreign currency, one more where its mae is not known.
    """
    one = found(accounts, trade_id)
    fills, unused = both_of(one)
    facts = read_facts([one.account_id], [one.contract_id])
    read_rates(facts, {fill.executed_ns // NS_PER_DAY for fill in fills})
    parts = parts_of(one, fills)
    rows = tuple(_row(fill, part, one, facts) for fill, part in zip(fills, parts, strict=True))
    held = (f"pnl is null: {one.held}",) if one.held else ()
    copied = (COPIED,) if one.is_copied else ()
    notes = notes_of([trade_id], accounts=accounts).get(trade_id, "")
    detail = TradeDetail.of(
        one,
        tags=tag_ids_of([trade_id], accounts=accounts)[trade_id],
        has_notes=bool(notes),
        fills=rows,
        unused_fills=tuple(map(UnusedFill.of, unused)),
        notes=notes,
        images=images_of([trade_id], accounts=accounts, reader=reader).get(trade_id, ()),
    )
    return Reading(
        detail,
        (*held, *_unpriced(rows, one), *copied, *unmeasured([one])),
        ledger.last_day(accounts=accounts),
    )


def found(accounts: Accounts, trade_id: UUID) -> Trade:
    """Return a closed trade of these accounts, with its contract and product. 1 query."""
    mine = Trade.objects.select_related("contract", "product").filter(account__in=accounts.ids)
    if (one := mine.filter(id=trade_id).first()) is None:
        raise UnknownTrade
    return one


def fills_of(trade: Trade) -> list[Fill]:
    """Return the usable fills from the trade's first to its last, in the order of the books."""
    return both_of(trade)[0]


def both_of(trade: Trade) -> tuple[list[Fill], list[Fill]]:
    """Return the usable fills of a trade, and the rows of its contract from its first to its last
    instant that count in no position: corrected, busted, echoes. 1 query.
    """  # fmt: skip
    first = (
        trade.opened_ns,
        trade.opened_received_ns,
        trade.opened_exec_id,
        trade.opened_leg_index,
    )
    last = (trade.closed_ns, trade.closed_received_ns, trade.closed_exec_id, trade.closed_leg_index)
    near = list(
        Fill.objects.filter(
            account=trade.account_id,
            contract=trade.contract_id,
            executed_ns__range=(trade.opened_ns, trade.closed_ns),
        )
        .select_related("account", "contract")
        .order_by("executed_ns", "received_ns", "exec_id", "leg_index")
    )
    # Others may share the first or the last stamp.
    usable = [
        fill
        for fill in near
        if fill.state == State.USABLE
        and first <= (fill.executed_ns, fill.received_ns, fill.exec_id, fill.leg_index) <= last
    ]
    return usable, [fill for fill in near if fill.state != State.USABLE]


def parts_of(trade: Trade, fills: Sequence[Fill]) -> list[int]:
    """Return how many contracts of each fill belong to the trade.

    The last fill's part is booked. A trade goes from flat to flat, so the first fill's part is what
    the others leave open.
    """
    if not fills:
        return []
    parts = [*(fill.quantity for fill in fills[:-1]), trade.closed_used]
    others = sum(fill.side * part for fill, part in zip(fills[1:], parts[1:], strict=True))
    return [-others * trade.side, *parts[1:]]


def _row(fill: Fill, part: int, trade: Trade, facts: Facts) -> TradeFill:
    return TradeFill(
        datetime=from_ns(fill.executed_ns),
        side=fill.side,
        price=fill.price,
        quantity=part,
        exec_id=fill.exec_id,
        fees=_fees(fill, part, trade, facts),
        corrects=fill.root_exec_id if fill.root_exec_id != fill.exec_id else None,
    )


def _fees(fill: Fill, part: int, trade: Trade, facts: Facts) -> Decimal | None:
    """Return the part's fees, USD."""
    day = fill.executed_ns // NS_PER_DAY
    if fill.fees is None:
        whole = facts.fee(trade.account_id, trade.contract_id, day) * fill.quantity
    else:
        whole = to_scaled(fill.fees, MONEY_PLACES)
    micros = part_of_fees(whole, part, fill.quantity, closing=fill.side != trade.side)
    rate = facts.rate(facts.contracts[trade.contract_id].currency, day)
    if not micros:
        return Decimal(0)
    if rate is None:
        return None
    return from_scaled(int(fees_usd_micros([micros], rate)[0]), MONEY_PLACES)


def _unpriced(rows: Sequence[TradeFill], trade: Trade) -> tuple[str, ...]:
    days = sorted({row.datetime.date() for row in rows if row.fees is None})
    return tuple(f"fees is null: no {trade.contract.currency} rate for {day}" for day in days)
