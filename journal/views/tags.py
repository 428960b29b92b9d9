"""The taxonomy, and a trader's own tags."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import access
from common import clock
from common.api import answers, read, read_body, reply_list
from journal import actions, examples, queries
from journal.serializers import (
    CustomTagOut,
    DeletedTagOut,
    JournalMetaOut,
    JournalParams,
    TagCategoryOut,
    TagIn,
    TagsMetaOut,
)
from journal.views.answer import reply_one


class Tags(APIView):
    """The taxonomy: categories, their tags, and under these the trader's custom tags."""

    @answers(TagCategoryOut, JournalParams, many=True, meta=TagsMetaOut, example=examples.TAGS)
    def get(self, request: Request) -> Response:
        trader = read(JournalParams, request)["trader"]
        scope = access.journal_in_view(access.viewer(request), trader=trader)
        tree = queries.tree(trader_id=scope.trader_id)
        return reply_list(TagCategoryOut, tree.categories, trader=scope.trader_id, **tree.totals)

    @answers(
        CustomTagOut, meta=JournalMetaOut, body=TagIn, status=201, never=(404,),
        asked=examples.TAG, example=examples.CUSTOM_TAG,
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """Make a custom tag under a fixed one."""
        asked = read_body(TagIn, request)
        journal = access.own_journal(access.viewer(request))
        made = actions.make_tag(journal=journal, **asked)
        return reply_one(CustomTagOut, made, trader_id=journal.trader_id, status=201)


class Tag(APIView):
    """A custom tag of the viewer."""

    @answers(
        CustomTagOut, meta=JournalMetaOut, body=TagIn, asked=examples.TAG,
        example=examples.CUSTOM_TAG,
    )  # fmt: skip
    def put(self, request: Request, tag_id: int) -> Response:
        """Rename a custom tag, or hang it under another fixed tag, with its trades."""
        asked = read_body(TagIn, request)
        journal = access.own_journal(access.viewer(request))
        tag = actions.change_tag(journal=journal, tag_id=tag_id, **asked)
        return reply_one(CustomTagOut, tag, trader_id=journal.trader_id)

    @answers(DeletedTagOut, meta=JournalMetaOut, example=examples.DELETED_TAG)
    def delete(self, request: Request, tag_id: int) -> Response:
        """Delete a custom tag; it is taken off the trades and entries that bore it.

        The answer says how many that were. To keep them classified, tag them otherwise first.
        """
        user = access.viewer(request)
        journal = access.own_journal(user)
        gone = actions.delete_tag(journal=journal, tag_id=tag_id, by=user.email, at=clock.now())
        return reply_one(DeletedTagOut, gone, trader_id=journal.trader_id)
