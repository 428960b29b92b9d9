"""How far the books of a group can be trusted, and what of them changed."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import access
from common import clock
from common.api import PageMetaOut, answers, read, read_page, reply_page
from ingestion import examples, queries
from ingestion.queries.reconciliation import usual_period
from ingestion.serializers import (
    ReconciliationOut,
    ReconciliationParams,
    RestatementOut,
    WatchedParams,
)


class Reconciliation(APIView):
    """The state of each day of an account in a contract, and positions held for long; for admins.

    `flat` and `open` are in order. `skipped`: a usable fill is in no trade, which must never be;
    `mismatch`: the provider's positions, or the second feed of fills, say otherwise;
    `unverifiable`: it cannot be told yet. Sim accounts and archived traders are there too. Days
    without a fill and without a position are not listed.
    """

    @answers(
        ReconciliationOut, ReconciliationParams, meta=PageMetaOut, example=examples.RECONCILIATION
    )
    def get(self, request: Request) -> Response:
        asked, page, today = read(ReconciliationParams, request), read_page(request), clock.today()
        scope = access.watched_by_admin(access.viewer(request), trader=asked["trader"])
        period = asked["period"] or usual_period(today)
        found = queries.reconciliation(
            accounts=scope.accounts, period=period, states=asked["state"], today=today, page=page
        )
        return reply_page(
            ReconciliationOut, found, request=request, page=page, count=found.count, period=period
        )


class Restatements(APIView):
    """Day figures that changed after their day was over, the latest change first; for admins.

    One line for each change of a UTC day of an account in a contract; plain growth, fills that come
    in their order, is none. `personal/summary` and `personal/performance-by-time` tell with `as_of`
    what was told then. Nothing here is ever changed or deleted.
    """

    @answers(RestatementOut, WatchedParams, paged=True, example=examples.RESTATEMENTS)
    def get(self, request: Request) -> Response:
        asked, page = read(WatchedParams, request), read_page(request)
        scope = access.watched_by_admin(access.viewer(request), trader=asked["trader"])
        found = queries.restatements(accounts=scope.accounts, period=asked["period"], page=page)
        return reply_page(
            RestatementOut, found.rows, request=request, page=page, count=found.count,
            period=asked["period"],
        )  # fmt: skip
