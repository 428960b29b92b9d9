"""With and without the slash at the end: the same request gets the same answer, body and all."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from tests.authorization.addresses import API
from tests.authorization.matrix import MATRIX
from tests.authorization.roles import ROLES
from tests.authorization.test_matrix import MARCH, RESTLESS
from tests.authorization.world import PASSWORD, World

ASKERS = [role for role in ROLES if role.name in ("anonymous", "regular", "admin", "opted-out")]
ADDRESSES = sorted(pair for pair in MATRIX if pair[1].startswith(API))
JSON = "application/json"
NEVER_RIGHT = (
    "auth/registration/verify-email", "auth/password/reset/confirm",  # keys of mails
    "journal/detached/<uuid:trade_id>/attach",  # this trade is there
    "journal/upload",  # no JSON; tests/journal asks it
)  # fmt: skip
NEW = "Quiet-Harbour-92"
TOKEN = re.compile(rb"eyJ[\w-]+\.[\w-]+\.[\w-]+")
ANEW = re.compile(rb'"(id|created_at|updated_at|acknowledged_at)":("[^"]*"|[0-9]+)')


def bodies(world: World) -> dict[str, list[dict[str, Any]]]:
    """Return what each POST and PATCH may say: something that does it, and nonsense."""
    ana = world.tokens["regular"]
    trade = str(world.trade_id("ana"))
    page = {"date": "2026-03-02", "title": "A page"}
    known, new = "ana@desk.test", {"new_password1": NEW, "new_password2": NEW}
    return {
        "auth/login": [{"email": known, "password": PASSWORD}, {"email": known, "password": "x"}],
        "auth/token/refresh": [{"refresh": ana["refresh_token"]}, {"refresh": "x"}],
        "auth/token/verify": [{"token": ana["access_token"]}, {"token": "x"}],
        "auth/token/revoke": [{"refresh": ana["refresh_token"]}, {"refresh": "x"}],
        "auth/registration": [
            {"username": "nell", "email": "nell@desk.test", "password": NEW},
            {"username": "nell", "email": known, "password": NEW},
            {"username": "nell", "email": "nell@desk.test", "password": "nell"},
        ],
        "auth/registration/verify-email": [{"key": "x" * 64}],
        "auth/registration/resend-email": [{"email": known}, {"email": "nobody@desk.test"}],
        "auth/password/reset": [{"email": known}, {"email": "nobody@desk.test"}],
        "auth/password/reset/confirm": [{"uid": "1", "token": "x-x", **new}],
        "auth/password/change": [
            {"old_password": PASSWORD, **new}, {"old_password": "x", **new},
        ],
        "auth/user": [{"first_name": "Zed"}, {"first_name": 7}],
        "journal/tags": [{"name": "New", "parent": 6}, {"name": "New", "parent": 1}],
        "journal/tags/<int:tag_id>": [{"name": "New", "parent": 7}, {"name": "", "parent": 7}],
        "journal/trades/tags": [{"trades": [trade], "tags": [6]}, {"trades": [], "tags": [6]}],
        "journal/trades/<uuid:trade_id>/tags": [{"tags": [6]}, {"tags": [1]}, {}],
        "journal/trades/<uuid:trade_id>/tags/<int:tag_id>": [{}],
        "journal/trades/<uuid:trade_id>/notes": [{"notes": "Waited"}, {"notes": 7}],
        "journal/detached/<uuid:trade_id>/attach": [{"trade": trade}, {"trade": "x"}],
        "journal/entries": [page, {**page, "title": ""}],
        "journal/entries/<int:entry_id>": [page, {**page, "tags": [1]}, {}],
        "journal/images/<uuid:image_id>": [{}],
        "journal/upload": [{}],
        "journal/trades/<uuid:trade_id>/comments": [{"text": "Why?"}, {"text": ""}],
        "journal/entries/<int:entry_id>/comments": [{"text": "Why?"}, {"text": ""}],
        "journal/comments/<int:comment_id>": [{}],
        "journal/comments/<int:comment_id>/acknowledge": [{}],
        "auth/user/opt-out": [{"opt_out": True}, {"opt_out": "x"}, {}],
    }  # fmt: skip


def requests(world: World, method: str, address: str) -> Iterator[tuple[str, bytes, str]]:
    """Yield what to ask: query, body and its kind."""
    if method == "GET":
        days = "&".join(f"{name}={day}" for name, day in MARCH.items())
        yield from ((query, b"", JSON) for query in ("", f"?{days}", "?sim=x"))
        return
    for body in bodies(world)[address.removeprefix(API)]:
        yield "", json.dumps(body).encode(), JSON
    yield "?trader=1", b"{", JSON
    yield "", b"[]", JSON
    yield "", b"a=1", "application/x-www-form-urlencoded"


def whole(answer) -> tuple[Any, ...]:
    """Return all of an answer but what two answers to one request would not share either."""
    headers = {name: value for name, value in answer.items() if name not in RESTLESS}
    content = TOKEN.sub(b"token", answer.getvalue())
    if answer.wsgi_request.method != "GET":
        content = ANEW.sub(rb"\1", content)
    return answer.status_code, headers, content


def undone(client, method: str, path: str, body: bytes, kind: str) -> tuple[Any, ...]:
    """Ask, and take back whatever it did."""
    before = transaction.savepoint()
    answer = client.generic(method, path, body, content_type=kind)
    transaction.savepoint_rollback(before)
    return whole(answer)


def room_of(address: str) -> str:
    room, _, rest = address.removeprefix(API).partition("/")
    return room if rest else "desk"


@pytest.mark.parametrize("room", sorted({room_of(address) for _, address in ADDRESSES}))
def test_both_forms_are_one(world, room):
    rows = [pair for pair in ADDRESSES if room_of(pair[1]) == room]
    for method, address in rows:
        path = f"/{world.path(address, of='ana')}"
        statuses = set()
        for role in ASKERS:
            client = world.client(role)
            for query, body, kind in requests(world, method, address):
                told = f"{role} {method} {path}{query} {body!r}"
                plain = undone(client, method, path + query, body, kind)
                slashed = undone(client, method, f"{path}/{query}", body, kind)

                assert plain == slashed, told
                statuses.add(plain[0])
        well = {200, 201} & statuses or address.removeprefix(API) in NEVER_RIGHT
        assert well, f"{method} {address} was never asked what it is for: {statuses}"
