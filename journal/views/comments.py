"""What trader and coach say to each other."""

from __future__ import annotations

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import access
from common import clock
from common.api import PageParams, answers, read, read_body, read_page, reply_page
from journal import actions, examples, queries
from journal.queries.comments import CommentPage, comment_row
from journal.queries.subjects import Subject, entry_in_view, trade_in_view
from journal.serializers import (
    CommentIn,
    CommentOut,
    CommentsMetaOut,
    CommentsParams,
    DeletedOut,
    JournalMetaOut,
)
from journal.views.answer import reply_one


class Comments(APIView):
    """Everything that was said, newest first: an admin's about all traders of the group.

    `meta.unacknowledged` is the number of a badge; `unacknowledged=true` lists those alone.
    """

    @answers(
        CommentOut, CommentsParams, paged=True, meta=CommentsMetaOut, example=examples.COMMENTS
    )
    def get(self, request: Request) -> Response:
        asked, user = read(CommentsParams, request), access.viewer(request)
        if asked["trader"] is not None:
            access.journal_in_view(user, trader=asked["trader"])
        found = queries.comments(
            scope=access.coached_in_view(user),
            viewer=user,
            trader_id=asked["trader"],
            unacknowledged=asked["unacknowledged"],
            page=read_page(request),
        )
        return _listed(request, found, trader_id=asked["trader"])


class _About(APIView):
    """Comments on one thing."""

    def listed(self, request: Request, subject: Subject) -> Response:
        user = access.viewer(request)
        found = queries.comments_on(subject, viewer=user, page=read_page(request))
        return _listed(request, found, trader_id=subject.trader_id)

    def said(self, request: Request, subject: Subject) -> Response:
        text, user = read_body(CommentIn, request)["text"], access.viewer(request)
        comment = actions.say(subject=subject, text=text, by=user, at=clock.now())
        row = comment_row(comment, user)
        return reply_one(CommentOut, row, trader_id=subject.trader_id, status=201)


class TradeComments(_About):
    """Comments on a trade, oldest first: between its trader and the admins of the group."""

    @answers(CommentOut, PageParams, paged=True, meta=CommentsMetaOut, example=examples.COMMENTS)
    def get(self, request: Request, trade_id: UUID) -> Response:
        return self.listed(request, _trade(request, trade_id))

    @answers(
        CommentOut, meta=JournalMetaOut, body=CommentIn, status=201,
        asked=examples.SAY, example=examples.COMMENT,
    )  # fmt: skip
    def post(self, request: Request, trade_id: UUID) -> Response:
        """Comment on a trade: as its trader, or as an admin of the trader's group."""
        return self.said(request, _trade(request, trade_id))


class EntryComments(_About):
    """Comments on an entry, oldest first: between its trader and the admins of the group."""

    @answers(CommentOut, PageParams, paged=True, meta=CommentsMetaOut, example=examples.COMMENTS)
    def get(self, request: Request, entry_id: int) -> Response:
        return self.listed(request, _entry(request, entry_id))

    @answers(
        CommentOut, meta=JournalMetaOut, body=CommentIn, status=201,
        asked=examples.SAY, example=examples.COMMENT,
    )  # fmt: skip
    def post(self, request: Request, entry_id: int) -> Response:
        """Comment on an entry: as its trader, or as an admin of the trader's group."""
        return self.said(request, _entry(request, entry_id))


class Comment(APIView):
    """One comment."""

    @answers(DeletedOut, meta=JournalMetaOut, example=examples.DELETED)
    def delete(self, request: Request, comment_id: int) -> Response:
        """Delete a comment of one's own."""
        user = access.viewer(request)
        scope = access.coached_in_view(user)
        gone = actions.take_back(scope=scope, comment_id=comment_id, by=user)
        return reply_one(DeletedOut, gone, trader_id=gone.trader)


class Acknowledge(APIView):
    """Say that a comment of the other side was read."""

    @answers(CommentOut, meta=JournalMetaOut, example=examples.ACKNOWLEDGED)
    def post(self, request: Request, comment_id: int) -> Response:
        """Say that a comment of the other side was read; again changes nothing.

        The trader acknowledges what a coach wrote, an admin of the group what the trader wrote.
        """
        user = access.viewer(request)
        scope = access.coached_in_view(user)
        comment = actions.acknowledge(scope=scope, comment_id=comment_id, by=user, at=clock.now())
        return reply_one(CommentOut, comment_row(comment, user), trader_id=comment.trader_id)


def _trade(request: Request, trade_id: UUID) -> Subject:
    return trade_in_view(trade_id, scope=access.coached_in_view(access.viewer(request)))


def _entry(request: Request, entry_id: int) -> Subject:
    return entry_in_view(entry_id, scope=access.coached_in_view(access.viewer(request)))


def _listed(request: Request, found: CommentPage, *, trader_id: int | None) -> Response:
    return reply_page(
        CommentOut,
        found.comments,
        request=request,
        page=read_page(request),
        count=found.count,
        period=None,
        trader=trader_id,
        unacknowledged=found.unacknowledged,
    )
