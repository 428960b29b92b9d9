"""Entries of a journal, newest first, and found by their words."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
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
from journal.queries.tags import Borne, Tags, tags_of
from ledger.picked import Picked, ask, asked_again

# Entries with what few words tell, how many there are, and whether images and comments are to be
# looked for: most entries have none.
_PAGE = """
WITH t AS NOT MATERIALIZED ({found})
SELECT c.whole, e.* FROM (SELECT count(*) AS whole FROM t) c LEFT JOIN (
    SELECT x.id, x.date, x.title, x.body, x.mood, x.created_at, x.updated_at,
        ARRAY(SELECT tag_id FROM journal_entrytag WHERE entry_id = x.id ORDER BY id),
        ARRAY(SELECT trade_id FROM journal_entrytrade WHERE entry_id = x.id ORDER BY id),
        EXISTS (SELECT FROM journal_image WHERE entry_id = x.id),
        EXISTS (SELECT FROM journal_comment WHERE entry_id = x.id)
    FROM (SELECT * FROM t ORDER BY date DESC, id DESC LIMIT %s::bigint OFFSET %s::bigint) x
) e ON true ORDER BY e.date DESC, e.id DESC"""
_OF_TRADER = "SELECT * FROM journal_entry WHERE trader_id = %s::bigint"
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
    """Return a page of a trader's entries, newest first. 4 queries at most, 5 for a large page.

    words  all of which stand in title or body, each perhaps only as the beginning of a word
    """
    if trader_id is None:
        return EntryPage((), 0)
    if page.is_large or words.strip():
        rows = found_entries(trader_id=trader_id, period=period, words=words)
        page.holds(rows.order_by("-date", "-id")[page.rows], "body")
        found = Picked.of(rows)
    else:
        found = _of_trader(trader_id)
        if period is not None:
            ends = period.start.isoformat(), period.end.isoformat()
            found = found.where("date BETWEEN %s::date AND %s::date", *ends)
    return _page(found, page.rows, trader_id=trader_id, reader=reader)


def found_entries(*, trader_id: int | None, period: Period | None, words: str) -> QuerySet[Entry]:
    """Return the entries of a trader's that `entries` tells of; none without a trader."""
    found = Entry.objects.none() if trader_id is None else Entry.objects.filter(trader=trader_id)
    if period is not None:
        found = found.filter(date__range=(period.start, period.end))
    if words.strip():
        found = found.alias(searched=SEARCHED).filter(searched=_beginnings(words))
    return found


def entry(entry_id: int, *, trader_id: int | None, reader: Reader) -> EntryRow:
    """Return one entry of a trader. 4 queries at most."""
    if trader_id is not None:
        found = _of_trader(trader_id).where("id = %s::bigint", entry_id)
        for one in _page(found, slice(0, 1), trader_id=trader_id, reader=reader).entries:
            return one
    raise UnknownEntry


def _of_trader(trader_id: int) -> Picked:
    return Picked(_OF_TRADER, (trader_id,), is_ours=True)


def _beginnings(words: str) -> SearchQuery:
    """Return the question for text in which every one of these words begins one.

    Of what was typed only letters and digits go into it, so that nothing in it is an operator. A
    question without a word finds nothing.
    """
    found = _WORD.findall(unicodedata.normalize("NFC", words))
    return SearchQuery(
        " & ".join(f"'{word}':*" for word in found), config="simple", search_type="raw"
    )


def _page(found: Picked, rows: slice, *, trader_id: int, reader: Reader) -> EntryPage:
    """Return these of the entries with what belongs to them, and the number of all.

    1 query; 1 more where any has tags, images or comments.
    """
    asked = asked_again if found.is_ours else ask
    told = asked(_PAGE.format(found=found.sql), (*found.given, rows.stop - rows.start, rows.start))
    whole = told[0][0]
    there = [row[1:] for row in told if row[1] is not None]
    tags = tags_of(trader_id) if any(row[7] for row in there) else Tags(())
    pictured, spoken_of = ([row[0] for row in there if row[place]] for place in (9, 10))
    images = images_of_entries(pictured, reader=reader) if pictured else {}
    comments = comments_of_entries(spoken_of, reader=reader) if spoken_of else {}
    entries = tuple(
        EntryRow(
            id=pk,
            date=day,
            title=title,
            body=body,
            mood=mood,
            trades=tuple(trades),
            tags=tags.in_order(borne),
            images=images.get(pk, ()),
            comments=comments.get(pk, ()),
            created_at=created_at,
            updated_at=updated_at,
        )
        for pk, day, title, body, mood, created_at, updated_at, borne, trades, *_ in there
    )
    return EntryPage(entries, whole)
