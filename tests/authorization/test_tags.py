"""Every line of the matrix about tags and notes: nobody writes into another's journal."""

from __future__ import annotations

import json
from typing import Any

from django.db import transaction

from journal.models import Detached, Tag, TradeNote, TradeTag
from tests.authorization.matrix import rows
from tests.authorization.policies import own_tags
from tests.authorization.roles import MISSING, TRADERS
from tests.authorization.test_matrix import EVERY_ROLE, ask, holds, whole
from tests.authorization.world import World, shown

ATTACH = "/attach"


def body_of(address: str, world: World, of: str) -> bytes | None:
    """Return what each write says, about what is one trader's."""
    trade = str(world.trade_id(of))
    said: dict[str, Any] = {
        "journal/tags": {"name": "New", "parent": 7},
        "journal/tags/<int:tag_id>": {"name": "New", "parent": 7},
        "journal/trades/tags": {"trades": [trade], "tags": [7]},
        "journal/trades/<uuid:trade_id>/tags": {"tags": [7]},
        "journal/trades/<uuid:trade_id>/notes": {"notes": "x"},
        "journal/detached/<uuid:trade_id>/attach": {"trade": trade},
    }
    body = said.get(address.removeprefix("api/v1/"))
    return None if body is None else json.dumps(body).encode()


def written(world: World) -> dict[str, set[Any]]:
    """Return all tags and notes, by whose they are."""
    whose = {trader.pk: name for name, trader in world.traders.items()}
    found: dict[str, set[Any]] = {name: set() for name in TRADERS}
    for table in (TradeTag, TradeNote, Detached):
        for row in table._default_manager.select_related("account"):
            found[whose[row.account.trader_id]].add((table, row.pk, getattr(row, "text", "")))
    for tag in Tag.objects.exclude(trader=None):
        found[whose[tag.trader_id or 0]].add((tag.pk, tag.name, tag.parent_id))
    return found


@EVERY_ROLE
def test_nobody_tags_or_notes_for_another(world: World, role):
    client = world.client(role)
    before = written(world)
    for method, row in rows(own_tags):
        for of in (*TRADERS, MISSING):
            told = f"{role} {method} {row} of {of}"
            point = transaction.savepoint()
            params = {"trader": world.trader_id(of)}  # that it names a trader changes nothing
            body = body_of(row, world, of)
            answer = ask(client, method, world.path(row, of=of), params, body)
            now = written(world)
            transaction.savepoint_rollback(point)

            verdict = own_tags(role, of=of if "<" in row else None)
            if verdict.status == 404 or (verdict.status == 200 and ATTACH in row):
                point = transaction.savepoint()
                nothing = ask(
                    client, method, world.path(row, of=MISSING), params,
                    body_of(row, world, role.trader or of),
                )  # fmt: skip
                transaction.savepoint_rollback(point)
                assert answer.status_code == 404, told
                assert whole(answer) == whole(nothing), told
            elif verdict.status == 200:
                mine = "trades/tags" not in row or of == role.trader
                assert answer.status_code in ((200, 201) if mine else (400,)), told
                assert shown(answer.content) <= verdict.shown, told
            else:
                holds(answer, verdict, told)
            assert {name for name in before if now[name] != before[name]} <= {role.trader}, told
