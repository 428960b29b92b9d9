"""Trades with what was written about them."""

from __future__ import annotations

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import access
from common import clock
from common.api import answers, read, read_body, read_page, reply_page
from journal import actions, examples, queries
from journal.addresses import reader
from journal.serializers import (
    JournalMetaOut,
    JournalParams,
    JournalTradeOut,
    JournalTradesParams,
    NotesIn,
    NotesOut,
)
from journal.views.answer import reply_one


class Trades(APIView):
    """Closed trades with what was written about them, the latest first, by pages.

    With several `tag`s a trade shows that bears any of them; a category or a fixed tag stands for
    all that hangs under it. `untagged=true` adds the trades without a tag.
    """

    @answers(JournalTradeOut, JournalTradesParams, paged=True, example=examples.JOURNAL_TRADES)
    def get(self, request: Request) -> Response:
        asked, page = read(JournalTradesParams, request), read_page(request)
        scope = access.personal_asked(request, asked)
        found = queries.trades(
            accounts=scope.accounts,
            trader_id=scope.trader_id,
            period=asked["period"],
            products=asked["product"],
            tag_ids=asked["tag"],
            untagged=asked["untagged"],
            side=asked.get("side"),
            sort=asked["sort"],
            page=page,
            reader=reader(request),
        )
        return reply_page(
            JournalTradeOut,
            found.rows.trades,
            request=request,
            page=page,
            count=found.rows.count,
            period=asked["period"],
            trader=scope.trader_id,
            data_through=found.data_through,
            notes=found.notes,
        )


class Trade(APIView):
    """One closed trade, live or sim, with what was written about it."""

    @answers(JournalTradeOut, JournalParams, meta=JournalMetaOut, example=examples.JOURNAL_TRADE)
    def get(self, request: Request, trade_id: UUID) -> Response:
        trader = read(JournalParams, request)["trader"]
        scope = access.journal_in_view(access.viewer(request), trader=trader)
        found = queries.trade(
            accounts=scope.accounts,
            trader_id=scope.trader_id,
            trade_id=trade_id,
            reader=reader(request),
        )
        return reply_one(JournalTradeOut, found, trader_id=scope.trader_id)


class TradeNotes(APIView):
    """What a trader notes about an own trade."""

    @answers(
        NotesOut, meta=JournalMetaOut, body=NotesIn, asked=examples.NOTES,
        example=examples.NOTES_ANSWER,
    )  # fmt: skip
    def patch(self, request: Request, trade_id: UUID) -> Response:
        """Write notes about an own trade in place of what was there; empty removes them."""
        text = read_body(NotesIn, request)["notes"]
        journal = access.own_journal(access.viewer(request))
        notes = actions.write_note(journal=journal, trade_id=trade_id, text=text, at=clock.now())
        return reply_one(NotesOut, {"notes": notes}, trader_id=journal.trader_id)
