"""Row 11: each analytics endpoint cold, whole requests, beside the SQL that it takes.

Ours is a request through the WSGI handler in this process, through all middleware, with a token,
the store up, and keys in it that nobody has used: nothing of the answer is kept, nor of who asks.
The reference knows what to say already: it asks who that is and which accounts are theirs, runs the
SQL that the figures take, written by hand as lean as they allow, on the same connection, and writes
the same JSON. It reads no parameters, refuses nothing, counts nobody's requests, and shapes no row.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import orjson

from bench import books, group
from bench.cases import CASES
from bench.cold import Case
from bench.frame import Line, Stand, at_most, row

WRITTEN = 200  # notes and entries


@row(
    "11", "each analytics endpoint cold, against the hand-written SQL it needs plus rendering",
    size="900,000 trades, tagged", year=True,
)  # fmt: skip
def cold(stand: Stand) -> Iterator[Line]:
    books.open_books()
    from django.conf import settings
    from django.db import connection

    desk = group.year(stand)
    settings.ACCESS_LOG = False
    tokens = _log_ins(desk)
    asked = {"accounts": list(desk.account_ids[:1]), "group": list(desk.account_ids)} | _ids(desk)
    for case in CASES:
        path = case.path.format(**asked)
        stand.say(path)
        ours = _request(path, case, tokens[case.as_coach])
        answer = orjson.loads(ours())
        given = {**asked, "start": group.FIRST, "end": group.LAST}

        def reference(case: Case = case, given: Any = given, answer: Any = answer) -> list[Any]:
            assert connection.connection is not None
            with connection.connection.cursor() as cursor:
                found = [cursor.execute(one, given).fetchall() for one in case.questions]
            orjson.dumps(answer)
            return found

        _same(case, answer["data"], reference()[-1])
        fast, slow = stand.side_by_side(ours=ours, reference=reference, ours_each=3)
        yield Line(
            case.path, f"{fast * 1e3:,.1f} ms", f"{slow * 1e3:,.1f} ms", fast / slow, at_most(2),
            fast,
        )  # fmt: skip


def _request(path: str, case: Case, token: str) -> Callable[[], bytes]:
    from django.conf import settings

    from skyll.wsgi import application

    period = {"start_date": group.FIRST, "end_date": group.LAST}
    environ = {
        "REQUEST_METHOD": "GET", "PATH_INFO": f"/api/v1/{path}", "SCRIPT_NAME": "",
        "HTTP_HOST": "localhost",
        "SERVER_NAME": "localhost", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1", "wsgi.url_scheme": "http", "wsgi.errors": sys.stderr,
        "wsgi.multithread": True, "HTTP_ACCEPT": "application/json",
        "HTTP_AUTHORIZATION": f"Bearer {token}",
    }  # fmt: skip
    told: list[str] = []

    def start(status: str, headers: list[tuple[str, str]], _: Any = None) -> None:
        told[:] = [status]

    def ask() -> bytes:
        new = settings.CACHES["fast"]["KEY_PREFIX"] = uuid4().hex
        words = urlencode({**period, **case.more, "new": new})  # nor was it ever asked
        asked = {**environ, "QUERY_STRING": words, "wsgi.input": io.BytesIO()}
        answer: Any = application(asked, start)
        content = b"".join(answer)
        answer.close()
        if told != ["200 OK"]:
            raise AssertionError(f"{path}: {told} {content!r}")
        return content

    return ask


def _ids(desk: group.Desk) -> dict[str, Any]:
    """Give the first trader's last trade its fills, and return it; and an entry of theirs."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(_LAST_TRADE, [desk.account_ids[0]])
        (trade,) = cursor.fetchone()
        for one in (_FILLS, _POSITIONS):
            cursor.execute(one, {"trade": trade})
        cursor.execute("SELECT max(id) FROM journal_entry")
        (entry,) = cursor.fetchone()
        cursor.execute("VACUUM (ANALYZE) ledger_fill, ledger_position, journal_comment")
    return {"trade": trade, "entry": entry}


def _same(case: Case, data: Any, rows: list[Any]) -> None:
    told, found = case.told(data), case.found(rows)
    if told != found or not told:
        raise AssertionError(f"{case.path}: the answer and the SQL disagree: {told} {found}")


def _log_ins(desk: group.Desk) -> dict[bool, str]:
    """Let one trader write notes and entries; return a token of theirs, and one of a coach's."""
    from django.db import connection

    from accounts.models import CustomUser
    from accounts.sessions import open_session
    from common import clock
    from traders.models import PlatformAccount

    account = PlatformAccount.objects.select_related("trader").get(pk=desk.account_ids[0])
    told = {"account": account.pk, "trader": account.trader_id, "many": WRITTEN}
    with connection.cursor() as cursor:
        for one in (_NOTES, _ENTRIES, _COMMENTS, _EVENTS):
            cursor.execute(one, {**told, "first": group.FIRST})
        cursor.execute("VACUUM (ANALYZE) journal_tradenote, journal_entry, futures_calendarevent")
    tokens = {}
    for as_coach in (False, True):
        name = f"cold-{account.pk}-{as_coach}"
        user = CustomUser(
            username=name, email=f"{name}@bench.test", group_id=account.trader.group_id,
            is_admin=as_coach, trader=None if as_coach else account.trader,
        )  # fmt: skip
        user.set_unusable_password()
        user.save()
        tokens[as_coach] = open_session(user, at=clock.now()).access_token
    return tokens


_NOTES = """
INSERT INTO journal_tradenote (account_id, trade_id, text, updated_at)
SELECT account_id, id, repeat('word ', 40), now() FROM ledger_trade
WHERE account_id = %(account)s ORDER BY closed_ns DESC LIMIT %(many)s"""
_ENTRIES = """
INSERT INTO journal_entry (trader_id, date, title, body, mood, created_at, updated_at)
SELECT %(trader)s, %(first)s::date + n, 'day ' || n, repeat('word ', 60), 'calm', now(), now()
FROM generate_series(0, %(many)s - 1) n"""
# On entries that are on no first page.
_COMMENTS = """
INSERT INTO journal_comment (trader_id, entry_id, author_name, by_coach, text, created_at)
SELECT e.trader_id, e.id, 'coach', true, repeat('word ', 20), now() - e.id * interval '1 minute'
FROM journal_entry e WHERE e.trader_id = %(trader)s AND e.date < %(first)s::date + 140"""
_LAST_TRADE = "SELECT id FROM ledger_trade WHERE account_id = %s ORDER BY closed_ns DESC LIMIT 1"
_FILLS = """
INSERT INTO ledger_fill (account_id, exec_id, leg_index, root_exec_id, action, kind, synthetic,
    instrument_id, contract_id, side, quantity, price, executed_ns, received_ns, fees, state,
    reason, stored_at)
SELECT t.account_id, f.exec_id, 0, f.exec_id, 'new', 'outright', false, 'bench', t.contract_id,
    f.side, t.quantity, f.price, f.ns, f.received_ns, t.fees_native / 2, 'usable', '', now()
FROM ledger_trade t CROSS JOIN LATERAL (VALUES
    (t.opened_exec_id, t.side, t.entry_price, t.opened_ns, t.opened_received_ns),
    (t.closed_exec_id, -t.side, t.exit_price, t.closed_ns, t.closed_received_ns)
) f (exec_id, side, price, ns, received_ns)
WHERE t.id = %(trade)s"""
_POSITIONS = """
INSERT INTO ledger_position (account_id, contract_id, quantity, average_price, opened_ns, trade_id,
    realized_usd, held, fill_count, last_ns)
SELECT t.account_id, c.id, 2, t.entry_price, t.closed_ns, gen_random_uuid(), 0, '', 1, t.closed_ns
FROM ledger_trade t, (SELECT id FROM futures_contract ORDER BY id LIMIT 3) c
WHERE t.id = %(trade)s"""
_EVENTS = """
INSERT INTO futures_calendarevent (name, event_type, country, importance, source, at)
SELECT 'event ' || n, 'cpi', 'US', 'high', 'bench',
    (%(first)s::date + n)::timestamptz + interval '13:30'
FROM generate_series(0, 350, 7) n"""
