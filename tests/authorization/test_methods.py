"""Methods that an address does not have: 405 in JSON, with what it has; 401 before that."""

from __future__ import annotations

from collections import defaultdict

import pytest

from tests.authorization.addresses import API, METHODS
from tests.authorization.matrix import MATRIX
from tests.authorization.policies import public
from tests.authorization.roles import ROLES
from tests.authorization.test_matrix import EVERY_ROLE

UNHEARD_OF = ("TRACE", "CONNECT", "BREW", "PROPFIND")


def answered() -> dict[str, set[str]]:
    """Return the methods of each address of the API, those that follow from them included."""
    known = defaultdict(lambda: {"OPTIONS"})
    for method, address in MATRIX:
        if address.startswith(API):
            known[address] |= {"GET", "HEAD"} if method == "GET" else {method}
    return known


@EVERY_ROLE
@pytest.mark.parametrize("slash", ["", "/"])
def test_a_method_that_is_not_there(world, role, slash):
    client = world.client(role)
    is_open = {address for (_, address), policy in MATRIX.items() if policy is public}
    for address, known in answered().items():
        path = f"/{world.path(address, of='ana')}{slash}"
        for method in {*METHODS, *UNHEARD_OF} - known:
            answer = client.generic(method, path)
            told = f"{role} {method} {path}"

            refused = role.dead and address not in is_open
            assert answer.status_code == (401 if refused else 405), told
            assert set(answer.json()) <= {"error", "code"}, told
            assert {word.strip() for word in answer["Allow"].split(",")} == known, told
            assert "\n" not in answer.json()["error"], told


@pytest.mark.parametrize("slash", ["", "/"])
def test_options_tell_the_methods_and_no_more(world, slash):
    for role in ROLES:
        client = world.client(role)
        for address, known in answered().items():
            path = f"/{world.path(address, of='ana')}{slash}"
            answer = client.options(path)

            assert answer.status_code in (200, 401), path
            assert answer["Content-Type"] == "application/json", path
            assert {word.strip() for word in answer["Allow"].split(",")} == known, path
