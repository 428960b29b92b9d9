"""A journal's trades and entries as tables, row by row, however many there are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, QuerySet, Subquery

from common.api import Period
from common.clock import from_ns
from common.fields import from_scaled
from common.spreadsheet import Column, Kind, Table
from journal.models import EntryTag, EntryTrade, TradeNote, TradeTag
from journal.queries.chosen import Chosen
from journal.queries.entries import found_entries
from journal.queries.tags import Tags, tags_of
from ledger.closed import ordered
from ledger.tally import NANO_PLACES
from traders.models import Trader

ROWS_AT_ONCE = 200  # of the longest entries: 40 MB
TRADE_COLUMNS = (
    Column("id"),
    Column("account"),
    Column("product"),
    Column("contract"),
    Column("side"),
    Column("quantity", Kind.NUMBER),
    Column("opened_at_utc", Kind.INSTANT),
    Column("closed_at_utc", Kind.INSTANT),
    Column("hold_seconds", Kind.NUMBER),
    Column("entry_price", Kind.NUMBER),
    Column("exit_price", Kind.NUMBER),
    Column("gross_pnl_usd", Kind.MONEY),
    Column("fees_usd", Kind.MONEY),
    Column("pnl_usd", Kind.MONEY),
    Column("mae_usd", Kind.MONEY),
    Column("mfe_usd", Kind.MONEY),
    Column("held_back"),
    Column("tags"),
    Column("notes"),
)
ENTRY_COLUMNS = (
    Column("id", Kind.NUMBER),
    Column("date", Kind.DAY),
    Column("title"),
    Column("mood"),
    Column("body", cells=2),
    Column("tags"),
    Column("trades"),
    Column("created_at_utc", Kind.INSTANT),
    Column("updated_at_utc", Kind.INSTANT),
)


def trades_table(*, chosen: Chosen, trader_id: int | None) -> Table:
    """Return the chosen trades with tags and notes, the first closed first. 2 queries.

    The second one when the rows are read, by a cursor of the server's.
    """
    tags = tags_of(trader_id)
    of_trade = {"account": OuterRef("account"), "trade": OuterRef("pk")}
    rows = (
        ordered(chosen.trades, "closed_at")
        .annotate(
            account_name=F("account__account"),
            borne=ArraySubquery(TradeTag.objects.filter(**of_trade).values("tag")),
            noted=Subquery(TradeNote.objects.filter(**of_trade).values("text")),
        )
        .values_list(
            "id", "account_name", "product__symbol", "contract__name", "side", "quantity",
            "opened_ns", "closed_ns", "entry_price", "exit_price", "gross_usd", "fees_usd",
            "pnl_usd", "mae_usd", "mfe_usd", "held", "borne", "noted",
        )
    )  # fmt: skip
    return Table(TRADE_COLUMNS, _trades(_read(rows), tags), count=chosen.trades.count)


def entries_table(*, trader_id: int | None, period: Period | None, words: str) -> Table:
    """Return the entries with tags and trades, the oldest day first. 2 queries, as of trades."""
    tags = tags_of(trader_id)
    of_entry = {"entry": OuterRef("pk")}
    found = found_entries(trader_id=trader_id, period=period, words=words)
    rows = (
        found.order_by("date", "id")
        .annotate(
            borne=ArraySubquery(EntryTag.objects.filter(**of_entry).values("tag")),
            of=ArraySubquery(
                EntryTrade.objects.filter(**of_entry).order_by("id").values("trade_id")
            ),
        )
        .values_list(
            "id", "date", "title", "mood", "body", "borne", "of", "created_at", "updated_at"
        )
    )
    return Table(ENTRY_COLUMNS, _entries(_read(rows), tags), count=found.count)


def trader_name(trader_id: int | None) -> str:
    """Return what a trader is called; "" for none. 1 query, none for none."""
    if trader_id is None:
        return ""
    name: str = Trader.objects.values_list("name", flat=True).get(pk=trader_id)
    return name


def _read(rows: QuerySet[Any, Any]) -> Iterable[tuple[Any, ...]]:
    return rows.iterator(chunk_size=ROWS_AT_ONCE)


def _trades(rows: Iterable[tuple[Any, ...]], tags: Tags) -> Iterator[tuple[Any, ...]]:
    for row in rows:
        (pk, *where, side, size, opened, closed), (*figures, held, borne, noted) = row[:8], row[8:]
        hold = from_scaled(closed - opened, NANO_PLACES)
        yield (
            str(pk), *where, "long" if side > 0 else "short", size,
            from_ns(opened), from_ns(closed), hold, *figures, held, _paths(tags, borne), noted,
        )  # fmt: skip


def _entries(rows: Iterable[tuple[Any, ...]], tags: Tags) -> Iterator[tuple[Any, ...]]:
    for *page, borne, of, created, updated in rows:
        yield (*page, _paths(tags, borne), " ".join(map(str, of)), created, updated)


def _paths(tags: Tags, borne: Iterable[int]) -> str:
    """Return each tag with what is above it: `Tech > Breakout; Mind > Planned`."""
    return "; ".join(" > ".join(tag.path) for tag in tags.in_order(set(borne)))
