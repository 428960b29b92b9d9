"""Images and comments in bulk, for lists of trades and of entries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from accounts.access import Accounts
from accounts.models import CustomUser
from journal.models import Comment
from journal.queries.comments import CommentRow, comment_row
from journal.queries.images import ImageRow
from ledger.arrays import array
from ledger.picked import Asked, asked_again

_OF_TRADES = """
SELECT * FROM {table} WHERE account_id = ANY(%s::bigint[]) AND trade_id = ANY(%s::uuid[])
ORDER BY created_at, id"""
_IMAGES = "SELECT {of}, id, content_type, width, height, size, created_at FROM journal_image"
_IMAGES_OF_TRADES = f"""
{_IMAGES.format(of="trade_id")}
WHERE account_id = ANY(%s::bigint[]) AND trade_id = ANY(%s::uuid[]) ORDER BY created_at, id"""
_IMAGES_OF_ENTRIES = f"""
{_IMAGES.format(of="entry_id")} WHERE entry_id = ANY(%s::bigint[]) ORDER BY created_at, id"""
_OF_ENTRIES = "SELECT * FROM {table} WHERE entry_id = ANY(%s::bigint[]) ORDER BY created_at, id"


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: whose side the comments are told from, and how images are addressed for them.

    Made of a request by `journal.addresses.reader`.
    """

    user: CustomUser
    sign: Callable[[UUID], str]


def images_of(
    trade_ids: Collection[UUID], *, accounts: Accounts, reader: Reader
) -> Mapping[UUID, tuple[ImageRow, ...]]:
    """Return the images of each of these trades that has some, oldest first. 1 query."""
    return images_told(asked_again(*images_asked(trade_ids, accounts=accounts)), reader)


def images_asked(trade_ids: Collection[UUID], *, accounts: Accounts) -> Asked:
    """Return the question that `images_of` asks; `images_told` shapes what it finds."""
    return _IMAGES_OF_TRADES, [array(accounts.ids), array(trade_ids)]


def images_told(
    found: Iterable[tuple[Any, ...]], reader: Reader
) -> dict[Any, tuple[ImageRow, ...]]:
    """Return images by what they are of."""
    rows: defaultdict[Any, list[ImageRow]] = defaultdict(list)
    for of, pk, *more in found:
        rows[of].append(ImageRow(pk, reader.sign(pk), *more))
    return {key: tuple(those) for key, those in rows.items()}


def comments_of(
    trade_ids: Collection[UUID], *, accounts: Accounts, reader: Reader
) -> Mapping[UUID, tuple[CommentRow, ...]]:
    """Return the comments on each of these trades that has some, oldest first. 1 query."""
    rows = _OF_TRADES.format(table="journal_comment")
    found = Comment.objects.raw(rows, _given(accounts, trade_ids))
    return _comments(found, "trade_id", reader)


def images_of_entries(
    entry_ids: Collection[int], *, reader: Reader
) -> Mapping[int, tuple[ImageRow, ...]]:
    """Return the images of each of these entries likewise. 1 query."""
    return images_told(asked_again(_IMAGES_OF_ENTRIES, [array(entry_ids)]), reader)


def comments_of_entries(
    entry_ids: Collection[int], *, reader: Reader
) -> Mapping[int, tuple[CommentRow, ...]]:
    """Return the comments on each of these entries likewise. 1 query."""
    found = Comment.objects.raw(_OF_ENTRIES.format(table="journal_comment"), [[*entry_ids]])
    return _comments(found, "entry_id", reader)


def _given(accounts: Accounts, trade_ids: Collection[UUID]) -> list[Any]:
    return [[*accounts.ids], [*trade_ids]]


def _comments(
    found: Iterable[Comment], of: str, reader: Reader
) -> dict[Any, tuple[CommentRow, ...]]:
    rows: defaultdict[Any, list[CommentRow]] = defaultdict(list)
    for comment in found:
        rows[getattr(comment, of)].append(comment_row(comment, reader.user))
    return {key: tuple(those) for key, those in rows.items()}
