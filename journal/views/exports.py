"""Trades and entries of a journal as files for spreadsheets."""

from __future__ import annotations

import re
from typing import Any

from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts import access
from common.api import PRIVATE, answers_file, read
from common.spreadsheet import Table, as_csv, as_excel
from journal import queries
from journal.serializers.exports import CSV, EXCEL, ExportEntriesParams, ExportTradesParams
from journal.views.answer import Whatever
from journal.views.choice import chosen_by

KINDS = {
    CSV: "text/csv; charset=utf-8",
    EXCEL: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_MEDIA = [kind.partition(";")[0] for kind in KINDS.values()]


class ExportTrades(APIView):
    """Closed trades with their tags and notes as a file, the first closed first.

    Times are UTC, money is USD with two decimals; `held_back` says why a trade has none yet. Tags
    are told with what they hang under: `Tech > Breakout; Mind > Planned`. In CSV text that a
    spreadsheet would run begins with an apostrophe. Excel holds 1,048,575 rows: where there are
    more, the answer is a 400 with the code `too_many_rows`.
    """

    content_negotiation_class = Whatever  # `format` is for the file, not for a renderer

    @answers_file(*_MEDIA, says="The file", params=ExportTradesParams)
    def get(self, request: Request) -> HttpResponseBase:
        asked = read(ExportTradesParams, request)
        scope = access.personal_asked(request, asked)
        chosen = chosen_by(asked, scope)
        table = queries.trades_table(chosen=chosen, trader_id=scope.trader_id)
        return _sent(table, "trades", asked, scope.trader_id)


class ExportEntries(APIView):
    """Entries of a journal as a file, the oldest day first.

    As of trades. `trades` holds the ids of the trades that an entry speaks of, as their file tells
    them. In Excel a long `body` goes on in `body_2`.
    """

    content_negotiation_class = Whatever

    @answers_file(*_MEDIA, says="The file", params=ExportEntriesParams)
    def get(self, request: Request) -> HttpResponseBase:
        asked = read(ExportEntriesParams, request)
        scope = access.journal_in_view(access.viewer(request), trader=asked["trader"])
        table = queries.entries_table(
            trader_id=scope.trader_id, period=asked["period"], words=asked["q"]
        )
        return _sent(table, "entries", asked, scope.trader_id)


def _sent(
    table: Table, what: str, asked: dict[str, Any], trader_id: int | None
) -> HttpResponseBase:
    """Send a table as the kind of file that is asked for; what it refuses is no file yet."""
    kind = asked["format"]
    answer: HttpResponseBase
    if kind == EXCEL:
        answer = FileResponse(as_excel(table, title=what.title()), content_type=KINDS[kind])
    else:
        answer = StreamingHttpResponse(as_csv(table), content_type=KINDS[kind])
    name = f"{_named(what, queries.trader_name(trader_id), asked)}.{kind}"
    told = {"Content-Disposition": content_disposition_header(True, name) or "", **PRIVATE}
    for header, value in told.items():
        answer[header] = value
    return answer


def _named(what: str, whose: str, asked: dict[str, Any]) -> str:
    """Return `trades-ana-from-2026-03-01-to-2026-03-31`."""
    start, end = asked["period"].told if asked["period"] else (None, None)
    parts = [what, re.sub(r"\W+", "-", whose).strip("-")]
    parts += [f"from-{start}"] if start else []
    parts += [f"to-{end}"] if end else []
    return "-".join(filter(None, parts))
