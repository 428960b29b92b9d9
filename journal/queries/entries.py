"""Entries of a journal, newest first, and found by their words."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.contrib.postgres.search import SearchQuery
from django.db.models import QuerySet

from common.api import Page, Period
from journal.models import Entry
from journal.models.writing import SEARCHED
from journal.queries.comments import CommentRow
from journal.queries.images import ImageRow
from journal.queries.pages import Reader, comments_of_entries, images_of_entries
from journal.queries.subjects import UnknownEntry
from journal.queries.tags import Borne, tags_of
from ledger.picked import ask

_LINKED = "SELECT entry_id, {column} FROM {table} WHERE entry_id = ANY(%s::bigint[]) ORDER BY id"
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class EntryRow:
    """A dated page of a journal with what belongs to it."""

    id: int
    date: date
    title: str
    body: str
    mood: str
    trades: tuple[UUID, ...]
    tags: tuple[Borne, ...]
    images: tuple[ImageRow, ...]
    comments: tuple[CommentRow, ...]
    created_at: datetime
    updated_at: datetime

    @property
    def to_acknowledge(self) -> int:
        """Return how many comments wait for the viewer's side."""
        return sum(comment.to_acknowledge for comment in self.comments)


@dataclass(frozen=True, slots=True)
class EntryPage:
    """One page of a list of `count` entries."""

    entries: tuple[EntryRow, ...]
    count: int


def entries(
    *,
    trader_id: int | None,
    period: Period | None,
    words: str,
    page: Page,
    reader: Reader,
) -> EntryPage:
    """Return a page of a trader's entries, newest first. 7 queries, 8 for a large page.

    words  all of which stand in title or body, each perhaps only as the beginning of a word
    """
    if trader_id is None:
        return EntryPage((), 0)
    found = found_entries(trader_id=trader_id, period=period, words=words)
    rows = found.order_by("-date", "-id")[page.rows]
    page.holds(rows, "body")
    return EntryPage(_whole(rows, trader_id=trader_id, reader=reader), found.count())


def found_entries(*, trader_id: int | None, period: Period | None, words: str) -> QuerySet[Entry]:
    """Return the entries of a trader's that `entries` tells of; none without a trader."""
    found = Entry.objects.none() if trader_id is None else Entry.objects.filter(trader=trader_id)
    if period is not None:
        found = found.filter(date__range=(period.start, period.end))
    if words.strip():
        found = found.alias(searched=SEARCHED).filter(searched=_beginnings(words))
    return found


def entry(entry_id: int, *, trader_id: int | None, reader: Reader) -> EntryRow:
    """Return one entry of a trader. 6 queries."""
    rows = Entry.objects.filter(trader=trader_id, pk=entry_id) if trader_id else ()
    for one in _whole(rows, trader_id=trader_id, reader=reader):
        return one
    raise UnknownEntry


def _beginnings(words: str) -> SearchQuery:
    """Return the question for text in which every one of these words begins one.

    Of what was typed only letters and digits go into it, so that nothing in it is an operator. A
    question without a word finds nothing.
    """
    found = _WORD.findall(unicodedata.normalize("NFC", words))
    return SearchQuery(
        " & ".join(f"'{word}':*" for word in found), config="simple", search_type="raw"
    )


def _whole(rows: Iterable[Entry], *, trader_id: int | None, reader: Reader) -> tuple[EntryRow, ...]:
    """Return entries with what belongs to them. 5 queries beside that for the rows."""
    rows = list(rows)
    ids = [row.pk for row in rows]
    if not ids:
        return ()
    tags, borne = tags_of(trader_id), _linked("journal_entrytag", "tag_id", ids)
    trades = _linked("journal_entrytrade", "trade_id", ids)
    images = images_of_entries(ids, reader=reader)
    comments = comments_of_entries(ids, reader=reader)
    return tuple(
        EntryRow(
            id=row.pk,
            date=row.date,
            title=row.title,
            body=row.body,
            mood=row.mood,
            trades=tuple(trades[row.pk]),
            tags=tags.in_order(borne[row.pk]),
            images=images.get(row.pk, ()),
            comments=comments.get(row.pk, ()),
            created_at=row.created_at,
            updated_at=row.updated_at,
        )
        for row in rows
    )


def _linked(table: str, column: str, ids: Collection[int]) -> defaultdict[int, list[Any]]:
    found: defaultdict[int, list[Any]] = defaultdict(list)
    for entry_id, key in ask(_LINKED.format(table=table, column=column), [[*ids]]):
        found[entry_id].append(key)
    return found
