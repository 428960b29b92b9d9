"""Every line of the matrix, for every role, about everybody's books, with real tokens."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.authorization.matrix import rows
from tests.authorization.policies import (
    Verdict,
    coach,
    group,
    one_trade,
    personal,
    rates,
    signed_in,
    standing,
    watched,
)
from tests.authorization.roles import MISSING, ROLES, TRADERS, WHOSE
from tests.authorization.world import World, shown

# What any reading needs; each takes its own.
MARCH = {
    "start_date": "2026-03-01", "end_date": "2026-03-31",
    "date": "2026-03-03", "contract": "ES Mar26",
}  # fmt: skip
EVERY_ROLE = pytest.mark.parametrize("role", ROLES, ids=str)
# What changes from request to request, and tells nothing.
RESTLESS = {"X-Request-ID", "Date", "X-RateLimit-Remaining"}


def ask(client, method: str, address: str, params: dict[str, Any], body: Any = None):
    query = "&".join(f"{name}={value}" for name, value in params.items())
    return client.generic(
        method,
        f"/{address}?{query}",
        b"" if body is None else body,
        content_type="application/json",
    )


def whole(answer) -> tuple[Any, ...]:
    """Return all of an answer that could tell it from another."""
    headers = {name: value for name, value in answer.items() if name not in RESTLESS}
    return answer.status_code, headers, answer.content


def holds(answer, verdict: Verdict, told: str) -> None:
    """Fail unless the answer is what the policy says, and shows nobody whom it does not name."""
    assert answer.status_code == verdict.status, (told, answer.content)
    assert answer["Content-Type"] == "application/json", told
    if verdict.status != 200:
        assert set(answer.json()) <= {"error", "code"}, told
    if verdict.code:
        assert answer.json()["code"] == verdict.code, told
    if verdict.status == 401:
        assert answer["WWW-Authenticate"].startswith("Bearer"), told
    assert shown(answer.content) <= verdict.shown, told


def about(world: World, whose: str | None) -> dict[str, Any]:
    return MARCH if whose is None else {**MARCH, "trader": world.trader_id(whose)}


@EVERY_ROLE
@pytest.mark.parametrize("policy", [personal, watched], ids=lambda one: one.__name__)
def test_one_traders_books(world, role, policy):
    client = world.client(role)
    for method, address in rows(policy):
        missing = whole(ask(client, method, address, about(world, MISSING)))
        for whose in WHOSE:
            told = f"{role} {method} {address} trader={whose}"
            verdict = policy(role, whose=whose)
            answer = ask(client, method, address, about(world, whose))

            holds(answer, verdict, told)
            if verdict.status == 200:
                assert shown(answer.content) == verdict.shown, told  # the figures do show
            elif whose is not None:
                assert whole(answer) == missing, told


@EVERY_ROLE
def test_one_trade(world, role):
    client = world.client(role)
    for method, row in rows(one_trade):
        for whose in WHOSE:
            address = {
                of: row.replace("<uuid:trade_id>", str(world.trade_id(of))) for of in TRADERS
            }
            nowhere = row.replace("<uuid:trade_id>", str(world.trade_id(MISSING)))
            missing = whole(ask(client, method, nowhere, about(world, whose)))
            for of in TRADERS:
                told = f"{role} {method} {row} of {of}, trader={whose}"
                verdict = one_trade(role, whose=whose, of=of)
                answer = ask(client, method, address[of], about(world, whose))

                holds(answer, verdict, told)
                if verdict.status == 200:
                    assert shown(answer.content) == verdict.shown, told
                else:
                    assert whole(answer) == missing, told


@EVERY_ROLE
@pytest.mark.parametrize("policy", [group, coach, rates, standing], ids=lambda one: one.__name__)
def test_the_own_groups_figures_and_people(world, role, policy):
    client = world.client(role)
    verdict = policy(role)
    for method, address in rows(policy):
        plain = ask(client, method, address, about(world, None))
        holds(plain, verdict, f"{role} {method} {address}")
        if verdict.status == 200 and policy is not rates:
            assert shown(plain.content) == verdict.shown, address
        for whose in WHOSE:  # there is no such parameter here: it opens and changes nothing
            answer = ask(client, method, address, about(world, whose))
            assert whole(answer) == whole(plain), f"{role} {method} {address} trader={whose}"


def everybodys(world: World, method: str, address: str, body: Any = None) -> Iterator[Any]:
    for role in ROLES:
        yield role, ask(world.client(role), method, address, about(world, None), body)


def test_what_is_the_same_for_all_who_are_signed_in(world):
    for method, address in rows(signed_in):
        seen = set()
        for role, answer in everybodys(world, method, address):
            verdict = signed_in(role)
            assert answer.status_code == verdict.status, f"{role} {method} {address}"
            if verdict.status == 200:
                seen.add((answer.content, answer["ETag"]))
        assert len(seen) == 1, address
