"""Row 11: each analytics endpoint cold, whole requests, beside the SQL that it takes.

Ours is a request in this process, through all middleware, with a token, the store up, and keys in
it that nobody has used: nothing of the answer is kept, nor of who asks. The reference knows what to
say already: it asks who that is and which accounts are theirs, runs the SQL that the figures take,
written by hand as lean as they allow, on the same connection, and writes the same JSON. It reads no
parameters, refuses nothing, counts nobody's requests, and shapes no row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import orjson

from bench import books, group
from bench.cold import CASES, Case
from bench.frame import Line, Stand, at_most, row

WRITTEN = 200  # notes and entries


@row("11", "each analytics endpoint cold, against the hand-written SQL it needs plus rendering")
def cold(stand: Stand) -> Iterator[Line]:
    books.open_books()
    from django.conf import settings
    from django.db import connection

    number = stand.count(group.TRADES)
    stand.say(f"making {number:,} trades")
    desk = group.trade_for_a_year(number, tagged=True)
    settings.ACCESS_LOG = False
    group.count_in()
    tokens = _log_ins(desk)
    asked = {"accounts": list(desk.account_ids[:1]), "group": list(desk.account_ids)}
    for case in CASES:
        stand.say(case.path)
        ours = _request(case, tokens[case.as_coach])
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


def _request(case: Case, token: str) -> Callable[[], bytes]:
    from django.conf import settings
    from django.test import Client

    client = Client(headers={"host": "localhost", "authorization": f"Bearer {token}"})
    period = {"start_date": group.FIRST, "end_date": group.LAST}
    address = f"/api/v1/{case.path}?{urlencode({**period, **case.more})}"

    def ask() -> bytes:
        settings.CACHES["fast"]["KEY_PREFIX"] = uuid4().hex
        answer = client.get(address)
        if answer.status_code != 200:
            raise AssertionError(f"{address}: {answer.status_code} {answer.content!r}")
        return answer.content

    return ask


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
        for one in (_NOTES, _ENTRIES, _EVENTS):
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
_EVENTS = """
INSERT INTO futures_calendarevent (name, event_type, country, importance, source, at)
SELECT 'event ' || n, 'cpi', 'US', 'high', 'bench',
    (%(first)s::date + n)::timestamptz + interval '13:30'
FROM generate_series(0, 350, 7) n"""
