"""Images and comments in bulk, for lists of trades and of entries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from accounts.access import Accounts
from accounts.models import CustomUser
from journal.models import Comment, Image
from journal.queries.comments import CommentRow, comment_row
from journal.queries.images import ImageRow, image_row

_OF_TRADES = """
SELECT * FROM {table} WHERE account_id = ANY(%s::bigint[]) AND trade_id = ANY(%s::uuid[])
ORDER BY created_at, id"""
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
    found = Image.objects.raw(_OF_TRADES.format(table="journal_image"), _given(accounts, trade_ids))
    return _images(found, "trade_id", reader)


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
    found = Image.objects.raw(_OF_ENTRIES.format(table="journal_image"), [[*entry_ids]])
    return _images(found, "entry_id", reader)


def comments_of_entries(
    entry_ids: Collection[int], *, reader: Reader
) -> Mapping[int, tuple[CommentRow, ...]]:
    """Return the comments on each of these entries likewise. 1 query."""
    found = Comment.objects.raw(_OF_ENTRIES.format(table="journal_comment"), [[*entry_ids]])
    return _comments(found, "entry_id", reader)


def _given(accounts: Accounts, trade_ids: Collection[UUID]) -> list[Any]:
    return [[*accounts.ids], [*trade_ids]]


def _images(found: Iterable[Image], of: str, reader: Reader) -> dict[Any, tuple[ImageRow, ...]]:
    rows: defaultdict[Any, list[ImageRow]] = defaultdict(list)
    for image in found:
        rows[getattr(image, of)].append(image_row(image, reader.sign))
    return {key: tuple(those) for key, those in rows.items()}


def _comments(
    found: Iterable[Comment], of: str, reader: Reader
) -> dict[Any, tuple[CommentRow, ...]]:
    rows: defaultdict[Any, list[CommentRow]] = defaultdict(list)
    for comment in found:
        rows[getattr(comment, of)].append(comment_row(comment, reader.user))
    return {key: tuple(those) for key, those in rows.items()}
