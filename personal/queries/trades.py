"""Closed trades, one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from accounts.access import Accounts
from common.api import Page, Period
from journal.queries.chosen import marked
from journal.queries.tags import below
from journal.queries.trades import noted, tag_ids_of
from ledger import closed as ledger
from ledger.closed import ClosedTrade, page_of, unmeasured
from ledger.models import Trade
from ledger.picked import picked
from personal.queries.reading import Reading, reading


@dataclass(frozen=True, slots=True)
class TradeRow(ledger.TradeRow):
    """A closed trade, and what the journal has of it."""

    tags: tuple[int, ...]
    has_notes: bool


@dataclass(frozen=True, slots=True)
class TradePage:
    """One page of a list of `count` trades."""

    trades: tuple[TradeRow, ...]
    count: int


def trades(
    *,
    accounts: Accounts,
    trader_id: int | None,
    period: Period | None,
    products: tuple[int, ...] = (),
    tag_ids: tuple[int, ...] = (),
    untagged: bool = False,
    side: int | None = None,
    sort: str = "-closed_at",
    page: Page,
) -> Reading[TradePage]:
    """Return a page of the trades closed in the period; without a pnl they come last. 5 queries.

    One more for tags, one more where the mae of any is not known.
    """
    found = marked(
        picked(accounts=accounts, period=period, products=products, side=side),
        below(tag_ids, trader_id=trader_id),
        untagged=untagged,
    )
    rows, count = page_of(found, sort, page)
    return reading(
        TradePage(rows_of(rows, accounts=accounts), count),
        accounts=accounts,
        period=period,
        products=products,
        notes=unmeasured(rows),
    )


def rows_of(
    trades: Sequence[Trade] | Sequence[ClosedTrade], *, accounts: Accounts
) -> tuple[TradeRow, ...]:
    """Return trades of a page, or such as were read with contract and product, as rows.

    2 queries.
    """
    ids = [trade.id for trade in trades]
    tags, notes = tag_ids_of(ids, accounts=accounts), noted(ids, accounts=accounts)
    return tuple(_row(trade, tags=tags[trade.id], has_notes=trade.id in notes) for trade in trades)


def _row(trade: Trade | ClosedTrade, **more: Any) -> TradeRow:
    if isinstance(trade, ClosedTrade):
        return TradeRow.told(trade, **more)
    return TradeRow.of(trade, **more)
