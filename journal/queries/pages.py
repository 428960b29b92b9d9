"""Images and comments in bulk, for lists of trades and of entries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from accounts.access import Accounts
from accounts.models import CustomUser
from journal.models import Comment, Image
from journal.queries.comments import CommentRow, comment_row
from journal.queries.images import ImageRow, image_row


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
    found = Image.objects.filter(account__in=accounts.ids, trade__in=tuple(trade_ids))
    return _images(found, "trade_id", reader)


def comments_of(
    trade_ids: Collection[UUID], *, accounts: Accounts, reader: Reader
) -> Mapping[UUID, tuple[CommentRow, ...]]:
    """Return the comments on each of these trades that has some, oldest first. 1 query."""
    found = Comment.objects.filter(account__in=accounts.ids, trade__in=tuple(trade_ids))
    return _comments(found, "trade_id", reader)


def images_of_entries(
    entry_ids: Collection[int], *, reader: Reader
) -> Mapping[int, tuple[ImageRow, ...]]:
    """Return the images of each of these entries likewise. 1 query."""
    return _images(Image.objects.filter(entry__in=tuple(entry_ids)), "entry_id", reader)


def comments_of_entries(
    entry_ids: Collection[int], *, reader: Reader
) -> Mapping[int, tuple[CommentRow, ...]]:
    """Return the comments on each of these entries likewise. 1 query."""
    return _comments(Comment.objects.filter(entry__in=tuple(entry_ids)), "entry_id", reader)


def _images(found: QuerySet[Image], of: str, reader: Reader) -> dict[Any, tuple[ImageRow, ...]]:
    rows: defaultdict[Any, list[ImageRow]] = defaultdict(list)
    for image in found.order_by("created_at", "id"):
        rows[getattr(image, of)].append(image_row(image, reader.sign))
    return {key: tuple(those) for key, those in rows.items()}


def _comments(
    found: QuerySet[Comment], of: str, reader: Reader
) -> dict[Any, tuple[CommentRow, ...]]:
    rows: defaultdict[Any, list[CommentRow]] = defaultdict(list)
    for comment in found.order_by("created_at", "id"):
        rows[getattr(comment, of)].append(comment_row(comment, reader.user))
    return {key: tuple(those) for key, those in rows.items()}
