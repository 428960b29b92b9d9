"""Trades with what was written about them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from accounts.access import Accounts
from common.api import Page, Period
from journal.models import TradeNote
from journal.queries.chosen import marked
from journal.queries.pages import Reader, comments_of, images_of
from journal.queries.tags import Borne, Tags, borne_by, known, tags_of
from ledger.arrays import array
from ledger.closed import TradeRow, closed_trade, page_of, unmeasured
from ledger.picked import Asked, asked_again, picked
from ledger.reading import Reading, reading

_TAGS = """
SELECT trade_id, tag_id FROM journal_tradetag
WHERE account_id = ANY(%s::bigint[]) AND trade_id = ANY(%s::uuid[]) ORDER BY tag_id"""
_NOTES = """
SELECT {what} FROM journal_tradenote
WHERE account_id = ANY(%s::bigint[]) AND trade_id = ANY(%s::uuid[])"""


@dataclass(frozen=True, slots=True)
class JournalTrade(TradeRow):
    """A closed trade, and what was written about it."""

    tags: tuple[Borne, ...]
    notes: str
    images: tuple[Any, ...]
    comments: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class JournalPage:
    """One page of a list of `count` trades."""

    trades: tuple[JournalTrade, ...]
    count: int


@dataclass(frozen=True, slots=True)
class Written:
    """What was written about one trade."""

    tags: tuple[Borne, ...]
    notes: str
    images: tuple[Any, ...]
    comments: tuple[Any, ...]

    @property
    def told(self) -> dict[str, Any]:
        return {
            "tags": self.tags,
            "notes": self.notes,
            "images": self.images,
            "comments": self.comments,
        }


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
    reader: Reader,
) -> Reading[JournalPage]:
    """Return a page of the closed trades with what was written about them. 8 queries.

    One more where the mae of any is not known.
    """
    tags = tags_of(trader_id)
    found = marked(
        picked(accounts=accounts, period=period, products=products, side=side),
        tags.below(known(tag_ids, tags=tags)) if tag_ids else (),
        untagged=untagged,
    )
    rows, count = page_of(found, sort, page)
    ids = [trade.id for trade in rows]
    if page.is_large:
        page.holds(notes(ids, accounts=accounts), "text")
    written = written_about(ids, accounts=accounts, tags=tags, reader=reader)
    shown = tuple(JournalTrade.told(trade, **written[trade.id].told) for trade in rows)
    return reading(
        JournalPage(shown, count),
        accounts=accounts,
        period=period,
        products=products,
        notes=unmeasured(rows),
    )


def trade(
    *, accounts: Accounts, trader_id: int | None, trade_id: UUID, reader: Reader
) -> JournalTrade:
    """Return one closed trade with what was written about it. 6 queries."""
    one = closed_trade(trade_id, accounts=accounts)
    written = written_about([one.id], accounts=accounts, tags=tags_of(trader_id), reader=reader)
    return JournalTrade.told(one, **written[one.id].told)


def written_about(
    trade_ids: Collection[UUID], *, accounts: Accounts, tags: Tags, reader: Reader
) -> Mapping[UUID, Written]:
    """Return what was written about each of these trades. 4 queries."""
    borne = borne_by(trade_ids, accounts=accounts, tags=tags)
    notes = notes_of(trade_ids, accounts=accounts)
    images = images_of(trade_ids, accounts=accounts, reader=reader)
    comments = comments_of(trade_ids, accounts=accounts, reader=reader)
    return {
        trade_id: Written(
            borne.get(trade_id, ()),
            notes.get(trade_id, ""),
            images.get(trade_id, ()),
            comments.get(trade_id, ()),
        )
        for trade_id in trade_ids
    }


def notes_of(trade_ids: Collection[UUID], *, accounts: Accounts) -> dict[UUID, str]:
    """Return the notes of those of these trades that have some. 1 query."""
    return dict(asked_again(*notes_asked(trade_ids, accounts=accounts)))


def notes_asked(trade_ids: Collection[UUID], *, accounts: Accounts) -> Asked:
    """Return the question that `notes_of` asks: trades and their notes."""
    return _of(_NOTES.format(what="trade_id, text"), trade_ids, accounts)


def notes(trade_ids: Collection[UUID], *, accounts: Accounts) -> QuerySet[TradeNote]:
    """Select the notes of these trades."""
    return TradeNote.objects.filter(account__in=accounts.ids, trade__in=trade_ids)


def tag_ids_of(trade_ids: Collection[UUID], *, accounts: Accounts) -> dict[UUID, tuple[int, ...]]:
    """Return the ids of the tags of each of these trades. 1 query."""
    tags: dict[UUID, list[int]] = {trade_id: [] for trade_id in trade_ids}
    for trade_id, tag_id in asked_again(*tags_asked(trade_ids, accounts=accounts)):
        tags[trade_id].append(tag_id)
    return {trade_id: tuple(those) for trade_id, those in tags.items()}


def tags_asked(trade_ids: Collection[UUID], *, accounts: Accounts) -> Asked:
    """Return the question that `tag_ids_of` asks: trades and the tags of each, in order."""
    return _of(_TAGS, trade_ids, accounts)


def noted(trade_ids: Collection[UUID], *, accounts: Accounts) -> set[UUID]:
    """Return those of these trades that have notes. 1 query."""
    asked = _of(_NOTES.format(what="trade_id"), trade_ids, accounts)
    return {trade_id for (trade_id,) in asked_again(*asked)}


def _of(sql: str, trade_ids: Collection[UUID], accounts: Accounts) -> Asked:
    return sql, [array(accounts.ids), array(trade_ids)]
