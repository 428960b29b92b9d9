"""Every line of the matrix about pages of a journal: entries, images, comments."""

from __future__ import annotations

import json
from typing import Any

from django.db import transaction

from tests.authorization.matrix import rows
from tests.authorization.policies import coached, heard, one_entry, own_pages, pages, room
from tests.authorization.roles import MISSING, ROLES, TRADERS, WHOSE
from tests.authorization.test_matrix import EVERY_ROLE, about, ask, holds, whole
from tests.authorization.world import World, shown
from tests.journal.uploads import send

PAGE = {"date": "2026-03-02", "title": "A page"}
UPLOAD = "api/v1/journal/upload"


def undone(client: Any, method: str, address: str, params: dict[str, Any], body: Any = None) -> Any:
    """Ask, and take back whatever it did."""
    before = transaction.savepoint()
    answer = ask(client, method, address, params, body and json.dumps(body).encode())
    transaction.savepoint_rollback(before)
    return answer


@EVERY_ROLE
def test_one_traders_pages(world: World, role):
    client = world.client(role)
    for policy in (pages, room, heard):
        for method, address in rows(policy):
            missing = whole(ask(client, method, address, about(world, MISSING)))
            for whose in WHOSE:
                told = f"{role} {method} {address} trader={whose}"
                verdict = policy(role, whose=whose)
                answer = ask(client, method, address, about(world, whose))

                holds(answer, verdict, told)
                if verdict.status == 200:
                    assert shown(answer.content) == verdict.shown, told
                elif whose is not None:
                    assert whole(answer) == missing, told


@EVERY_ROLE
def test_one_entry(world: World, role):
    client = world.client(role)
    for method, row in rows(one_entry):
        for whose in WHOSE:
            params = about(world, whose)
            missing = whole(ask(client, method, world.path(row, of=MISSING), params))
            for of in TRADERS:
                told = f"{role} {method} {row} of {of}, trader={whose}"
                verdict = one_entry(role, whose=whose, of=of)
                answer = ask(client, method, world.path(row, of=of), params)

                holds(answer, verdict, told)
                if verdict.status == 200:
                    assert shown(answer.content) == verdict.shown, told
                else:
                    assert whole(answer) == missing, told


@EVERY_ROLE
def test_what_trader_and_coach_share(world: World, role):
    client = world.client(role)
    for method, row in rows(coached):
        body = {"text": "Why?"} if method == "POST" else None
        missing = whole(undone(client, method, world.path(row, of=MISSING), {}, body))
        for of in TRADERS:
            told = f"{role} {method} {row} of {of}"
            verdict = coached(role, of=of)
            answer = undone(client, method, world.path(row, of=of), {}, body)

            if verdict.status != 200:
                holds(answer, verdict, told)
                assert whole(answer) == missing, told
            elif "/comments/<" in row:  # the trader's words: who said them deletes them alone
                own = role.trader == of
                refused = (own and "acknowledge" in row) or (not own and method == "DELETE")
                assert answer.status_code == (403 if refused else 200), told
            else:
                assert answer.status_code in (200, 201), told
            if answer["Content-Type"] == "application/json":
                assert shown(answer.content) <= verdict.shown | {role.trader or of}, told


@EVERY_ROLE
def test_nobody_writes_into_anothers_journal(world: World, role):
    client = world.client(role)
    for method, row in rows(own_pages):
        if row == UPLOAD:
            continue
        of_one = "<" in row
        missing = whole(undone(client, method, world.path(row, of=MISSING), {}, PAGE))
        for of in TRADERS:  # that it names a trader changes nothing
            told = f"{role} {method} {row} of {of}"
            verdict = own_pages(role, of=of if of_one else None)
            params = {"trader": world.trader_id(of)}
            answer = undone(client, method, world.path(row, of=of), params, PAGE)

            if verdict.status == 200:
                assert answer.status_code in (200, 201), told
                assert shown(answer.content) <= verdict.shown, told
            else:
                holds(answer, verdict, told)
                if verdict.status != 404 or of_one:
                    assert whole(answer) == missing, told


def test_nobody_uploads_into_anothers_journal(world: World):
    for role in ROLES:
        client = world.client(role)
        for of in ("ana", "bo", "sven"):
            for what in ({"trade": str(world.trades[of].pk)}, {"entry": world.entries[of].pk}):
                verdict = own_pages(role, of=of)
                before = transaction.savepoint()
                answer = send(client, **what)
                transaction.savepoint_rollback(before)
                told = f"{role} {what} of {of}"
                assert answer.status_code == (verdict.status if verdict.status != 200 else 201), (
                    told
                )
