"""What was written about trades that the books no longer hold."""

from __future__ import annotations

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import access
from common.api import answers, read, read_body, read_page, reply_page
from journal import actions, examples, queries
from journal.addresses import reader
from journal.serializers import (
    AttachIn,
    DetachedOut,
    DetachedParams,
    JournalMetaOut,
    JournalTradeOut,
)
from journal.views.answer import reply_one


class Detached(APIView):
    """What was written about trades that the books no longer hold, the latest first, by pages.

    When fills are corrected or busted, what is written about a trade goes to the trade that holds
    most of its fills. Where none of them is left it waits here, until its trade comes back or the
    trader gives it to another.
    """

    @answers(DetachedOut, DetachedParams, paged=True, example=examples.DETACHED)
    def get(self, request: Request) -> Response:
        asked, page = read(DetachedParams, request), read_page(request)
        scope = access.journal_in_view(access.viewer(request), trader=asked["trader"])
        found = queries.detached(
            accounts=scope.accounts, trader_id=scope.trader_id, page=page, reader=reader(request)
        )
        return reply_page(
            DetachedOut,
            found.trades,
            request=request,
            page=page,
            count=found.count,
            period=None,
            trader=scope.trader_id,
        )


class Attach(APIView):
    """Writings that are given to another trade."""

    @answers(
        JournalTradeOut, meta=JournalMetaOut, body=AttachIn, asked=examples.ATTACH,
        example=examples.JOURNAL_TRADE,
    )  # fmt: skip
    def post(self, request: Request, trade_id: UUID) -> Response:
        """Give what is detached to an own trade, beside what is written about that one."""
        other = read_body(AttachIn, request)["trade"]
        journal = access.own_journal(access.viewer(request))
        actions.attach(journal=journal, detached_id=trade_id, trade_id=other)
        found = queries.trade(
            accounts=journal.accounts,
            trader_id=journal.trader_id,
            trade_id=other,
            reader=reader(request),
        )
        return reply_one(JournalTradeOut, found, trader_id=journal.trader_id)
