"""Comments: what coach and trader say to each other about a trade or an entry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from accounts.access import CoachedScope
from accounts.models import CustomUser
from common.api import Page, Refusal
from journal.models import Comment
from journal.queries.subjects import Subject


class UnknownComment(Refusal):
    """The same for a stranger's comment and for one that does not exist."""

    status = 404
    message = "There is no such comment"
    code = "unknown_comment"


@dataclass(frozen=True, slots=True)
class CommentRow:
    """A comment as one viewer sees it; `to_acknowledge`: it waits for the viewer's side."""

    id: int
    trader: int
    trade: UUID | None
    entry: int | None
    author: str
    by_coach: bool
    is_own: bool
    text: str
    created_at: datetime
    acknowledged_at: datetime | None
    to_acknowledge: bool


@dataclass(frozen=True, slots=True)
class CommentPage:
    """One page of `count` comments; unacknowledged ones of them wait for the viewer's side."""

    comments: tuple[CommentRow, ...]
    count: int
    unacknowledged: int


def comments_on(subject: Subject, *, viewer: CustomUser, page: Page) -> CommentPage:
    """Return a page of what was said about a trade or an entry, oldest first. 2 queries."""
    found = said_about(subject).order_by("created_at", "id")
    return _page(found, viewer=viewer, page=page)


def said_about(subject: Subject) -> QuerySet[Comment]:
    """Return all comments on a trade or an entry."""
    if subject.entry_id is not None:
        return Comment.objects.filter(entry=subject.entry_id)
    return Comment.objects.filter(account=subject.account_id, trade=subject.trade_id)


def comments(
    *,
    scope: CoachedScope,
    viewer: CustomUser,
    trader_id: int | None,
    unacknowledged: bool,
    page: Page,
) -> CommentPage:
    """Return a page of all comments that these may see, newest first. 2 queries.

    trader_id       of one trader alone
    unacknowledged  only what waits for the viewer's side
    """
    found = Comment.objects.filter(scope.journals)
    if trader_id is not None:
        found = found.filter(trader=trader_id)
    waiting = found.filter(waits_for(viewer))
    shown = waiting if unacknowledged else found
    return _page(shown.order_by("-created_at", "-id"), viewer=viewer, page=page)


def waits_for(viewer: CustomUser) -> Q:
    """Return the condition that a comment within sight waits to be acknowledged by the viewer."""
    own = Q(trader=viewer.trader_id) if viewer.trader_id is not None else Q(pk__in=())
    return Q(acknowledged_at=None) & ((own & Q(by_coach=True)) | (~own & Q(by_coach=False)))


def is_other_side(comment: Comment, viewer: CustomUser) -> bool:
    """Say whether a comment within sight was written to the viewer: by coach or to the coach."""
    return bool(comment.by_coach == (comment.trader_id == viewer.trader_id))


def comment_row(comment: Comment, viewer: CustomUser) -> CommentRow:
    return CommentRow(
        id=comment.pk,
        trader=comment.trader_id,
        trade=comment.trade_id,
        entry=comment.entry_id,
        author=comment.author_name,
        by_coach=comment.by_coach,
        is_own=comment.author_id == viewer.pk,
        text=comment.text,
        created_at=comment.created_at,
        acknowledged_at=comment.acknowledged_at,
        to_acknowledge=comment.acknowledged_at is None and is_other_side(comment, viewer),
    )


def _page(found: QuerySet[Comment], *, viewer: CustomUser, page: Page) -> CommentPage:
    told = found.order_by().aggregate(
        count=Count("pk"), waiting=Count("pk", filter=waits_for(viewer))
    )
    rows = tuple(comment_row(comment, viewer) for comment in found[page.rows])
    return CommentPage(rows, told["count"], told["waiting"])
