"""What needs no token knows nobody; what is one's own stays one's own."""

from __future__ import annotations

import json
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import CustomUser
from tests.authorization.addresses import ANY
from tests.authorization.matrix import rows
from tests.authorization.policies import own, public
from tests.authorization.roles import ROLES
from tests.authorization.test_matrix import EVERY_ROLE, about, ask, holds, whole
from tests.authorization.world import PASSWORD

NEW = "Quiet-Harbour-92"
# What each write to the own log-in says, and which columns it may change; a read has no body.
BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("PATCH", "api/v1/auth/user"): {"first_name": "Zed"},
    ("POST", "api/v1/auth/user/opt-out"): {"opt_out": True},
    ("POST", "api/v1/auth/password/change"): {
        "old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW,
    },
}  # fmt: skip
COLUMNS = {"first_name", "opt_out", "password"}
GARBAGE = ("Bearer x", "Bearer é", "Basic eA==", "Bearer " + "x" * 5_000)


def answers_of(pair: tuple[str, str]) -> tuple[str, str]:
    method, address = pair
    return ("GET" if method == ANY else method), address


def readers(world) -> list[Any]:
    """Return clients with the token of each role, and some with what is none."""
    strangers = [APIClient(raise_request_exception=False) for _ in GARBAGE]
    for client, header in zip(strangers, GARBAGE, strict=True):
        client.credentials(HTTP_AUTHORIZATION=header)
    return [*(world.client(role) for role in ROLES), *strangers]


@pytest.mark.parametrize("pair", rows(public), ids=" ".join)
def test_what_is_open_is_the_same_for_everybody(world, pair):
    method, address = answers_of(pair)
    seen = {
        str(whole(ask(client, method, address, {}, b"{}" if method != "GET" else None)))
        for client in readers(world)
    }
    assert len(seen) == 1


@EVERY_ROLE
@pytest.mark.parametrize("pair", rows(own), ids=" ".join)
def test_the_own_log_in_and_no_other(world, role, pair):
    method, address = pair
    before = {user.pk: vars(user) for user in CustomUser.objects.all()}
    other = next(user for name, user in world.people.items() if name != role.name)
    lure = {"id": other.pk, "user": other.pk, "email": other.email, "trader": other.trader_id}
    body = None if method == "GET" else json.dumps({**BODIES[pair], **lure}).encode()

    answer = ask(world.client(role), method, address, {**about(world, "bo"), **lure}, body)

    holds(answer, own(role), f"{role} {method} {address}")
    own_id = world.people[role.name].pk if role.name in world.people else None
    if answer.status_code == 200:
        assert answer.json().get("id", own_id) == own_id
    changed = {
        (user.pk, field)
        for user in CustomUser.objects.all()
        for field, value in vars(user).items()
        if not field.startswith("_") and value != before[user.pk][field]
    }
    assert {pk for pk, _ in changed} <= {own_id}
    assert {field for _, field in changed} <= (set() if role.dead or not body else COLUMNS)
