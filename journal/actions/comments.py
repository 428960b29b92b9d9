"""Trader and coach talk about a trade or an entry: nobody else does."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.access import CoachedScope
from accounts.models import CustomUser
from common.api import Refusal
from journal.models import Comment, Entry
from journal.queries.comments import (
    CommentRow,
    UnknownComment,
    comment_row,
    is_other_side,
    said_about,
)
from journal.queries.subjects import Subject, UnknownEntry
from ledger.actions import lock_accounts
from ledger.closed import UnknownTrade
from ledger.models import Trade

MOST_CHARACTERS = 5_000
MOST_COMMENTS = 500  # about one thing: lists tell all of them


class NotYourComment(Refusal):
    status = 403
    message = "Only who wrote a comment may delete it"
    code = "not_your_comment"


class TooManyComments(Refusal):
    message = f"There are {MOST_COMMENTS} comments on it already: delete one of yours first"
    code = "too_many_comments"


class OwnSide(Refusal):
    status = 403
    message = "A comment is acknowledged by the other side: the trader's by a coach, and vice versa"
    code = "own_side"


@transaction.atomic
def say(*, subject: Subject, text: str, by: CustomUser, at: datetime) -> Comment:
    """Write a comment on a trade or an entry that `by` may see; the books hold still meanwhile."""
    if subject.entry_id is not None:
        if not Entry.objects.select_for_update(no_key=True).filter(pk=subject.entry_id):
            raise UnknownEntry
    elif subject.account_id is not None and subject.trade_id is not None:
        lock_accounts([subject.account_id])
        if not Trade.objects.filter(account=subject.account_id, id=subject.trade_id).exists():
            raise UnknownTrade
    if said_about(subject).count() >= MOST_COMMENTS:
        raise TooManyComments
    return Comment.objects.create(
        trader_id=subject.trader_id,
        account_id=subject.account_id,
        trade_id=subject.trade_id,
        entry_id=subject.entry_id,
        author=by,
        author_name=by.get_full_name() or by.username,
        by_coach=by.trader_id != subject.trader_id,
        text=text,
        created_at=at,
    )


@transaction.atomic
def take_back(*, scope: CoachedScope, comment_id: int, by: CustomUser) -> CommentRow:
    """Delete a comment of one's own and return what it was."""
    comment = _held(scope, comment_id)
    if comment.author_id != by.pk:
        raise NotYourComment
    gone = comment_row(comment, by)
    comment.delete()
    return gone


@transaction.atomic
def acknowledge(*, scope: CoachedScope, comment_id: int, by: CustomUser, at: datetime) -> Comment:
    """Note that a comment of the other side was read; the first time counts."""
    comment = _held(scope, comment_id)
    if not is_other_side(comment, by):
        raise OwnSide
    if comment.acknowledged_at is None:
        comment.acknowledged_at, comment.acknowledged_by = at, by
        comment.save(update_fields=["acknowledged_at", "acknowledged_by"])
    return comment


def _held(scope: CoachedScope, comment_id: int) -> Comment:
    found = Comment.objects.select_for_update(of=("self",)).filter(scope.journals, pk=comment_id)
    if (comment := found.first()) is None:
        raise UnknownComment
    return comment
