"""Tags on trades and off again; the viewer's own trades, live and sim."""

from __future__ import annotations

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import access
from common import clock
from common.api import answers, read_body
from journal import actions, examples
from journal.serializers import (
    AddTagsIn,
    BorneTagOut,
    JournalMetaOut,
    SetTagsIn,
    TaggedOut,
    TagTradesIn,
)
from journal.views.answer import reply_one


class TradeTags(APIView):
    """The tags of an own trade."""

    @answers(
        BorneTagOut, many=True, meta=JournalMetaOut, body=AddTagsIn, asked=examples.ADD_TAGS,
        example=examples.BORNE_TAGS,
    )  # fmt: skip
    def post(self, request: Request, trade_id: UUID) -> Response:
        """Put a tag, or several, on an own trade; answers with all that it bears.

        Again it changes nothing. Categories and retired tags are refused.
        """
        asked = read_body(AddTagsIn, request)
        journal = access.own_journal(access.viewer(request))
        borne = actions.add_tags(
            journal=journal,
            trade_id=trade_id,
            tag_ids=asked["tags"],
            field=asked["field"],
            at=clock.now(),
        )
        return reply_one(BorneTagOut, borne, trader_id=journal.trader_id)

    @answers(
        BorneTagOut, many=True, meta=JournalMetaOut, body=SetTagsIn, asked=examples.SET_TAGS,
        example=examples.BORNE_TAGS,
    )  # fmt: skip
    def put(self, request: Request, trade_id: UUID) -> Response:
        """Let an own trade bear these tags and no others; a retired one may stay where it is."""
        tag_ids = read_body(SetTagsIn, request)["tags"]
        journal = access.own_journal(access.viewer(request))
        borne = actions.set_tags(
            journal=journal, trade_id=trade_id, tag_ids=tag_ids, at=clock.now()
        )
        return reply_one(BorneTagOut, borne, trader_id=journal.trader_id)


class TradeTag(APIView):
    """One tag of an own trade."""

    @answers(BorneTagOut, many=True, meta=JournalMetaOut, example=examples.BORNE_TAGS)
    def delete(self, request: Request, trade_id: UUID, tag_id: int) -> Response:
        """Take a tag off an own trade; answers with what it still bears."""
        journal = access.own_journal(access.viewer(request))
        borne = actions.remove_tag(journal=journal, trade_id=trade_id, tag_id=tag_id)
        return reply_one(BorneTagOut, borne, trader_id=journal.trader_id)


class TradesTags(APIView):
    """Tags for many trades at once."""

    @answers(
        TaggedOut, meta=JournalMetaOut, body=TagTradesIn, never=(404,),
        asked=examples.TAG_TRADES, example=examples.TAGGED,
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """Put tags on many own trades; where one of them may not be, on none."""
        asked = read_body(TagTradesIn, request)
        journal = access.own_journal(access.viewer(request))
        tagged = actions.tag_trades(
            journal=journal, trade_ids=asked["trades"], tag_ids=asked["tags"], at=clock.now()
        )
        return reply_one(TaggedOut, tagged, trader_id=journal.trader_id)
