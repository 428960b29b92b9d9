"""The Django admin: closed to every role, by token or session; to staff by their permissions."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.contrib import admin
from django.test import Client

from tests.authorization.addresses import patterns, readable
from tests.authorization.matrix import MATRIX
from tests.authorization.policies import entrance, staff
from tests.authorization.test_matrix import EVERY_ROLE
from tests.factories import make_user

LOGINS = ("/admin/account/login/", "/admin/login/")
NAMES = re.compile(rb"Marchetti|@desk\.test")


def pages(policy) -> Iterator[str]:
    """Yield every page of the admin that the policy governs, of things that are there."""
    governed = {address for (_, address), by in MATRIX.items() if by is policy}
    some = {model._meta.label_lower: model._base_manager.first() for model in admin.site._registry}
    for address, _ in patterns():
        if not address.startswith("admin/") or readable(address) not in governed:
            continue
        model = ".".join(address.split("/")[1:3])
        pk = str(getattr(some.get(model), "pk", 1))
        path = re.sub(r"\(\?P<app_label>.*?\)", "accounts", address)
        path = re.sub(r"\(\?P<url>.*?\)", "nothing/here", path)
        path = re.sub(r"<[^>]*>", pk, path)
        yield "/" + path.replace("^", "").replace("$", "")


@pytest.fixture(autouse=True)
def session_in_the_cookie(settings):
    """Sessions that cost no query, and come back after the admin has thrown them away."""
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"


def visitors(world, role) -> list[tuple[str, Client, str]]:
    """Return one with the role's token, and one with a session that the role should not have."""
    token = world.client(role)._credentials.get("HTTP_AUTHORIZATION", "")
    found = [("get", Client(headers={"Authorization": token}), "")]
    if role.name in world.people:
        for method in ("get", "post"):
            client = Client()
            client.force_login(world.people[role.name])
            found.append((method, client, client.cookies["sessionid"].value))
    return found


def visit(client: Client, method: str, path: str, session: str):
    if session:
        client.cookies["sessionid"] = session
    return getattr(client, method)(path)


@EVERY_ROLE
def test_every_page_leads_to_the_log_in(world, role):
    paths = list(pages(staff))
    assert len(paths) > 100
    for method, client, session in visitors(world, role):
        for path in paths:
            answer = visit(client, method, path, session)

            assert answer.status_code == staff(role).status, f"{role} {method} {path}"
            assert answer["Location"].startswith(LOGINS), f"{role} {method} {path}"
            assert not NAMES.search(answer.content)


@EVERY_ROLE
def test_the_entrance_shows_nothing(world, role):
    for method, client, session in visitors(world, role):
        for path in pages(entrance):
            answer = visit(client, method, path, session)

            assert answer.status_code in (entrance(role).status, 302), f"{role} {method} {path}"
            assert not NAMES.search(answer.content), path


@pytest.fixture
def clerk(world):
    """Staff, with no permission of any kind."""
    client = Client(raise_request_exception=False)
    client.force_login(make_user("clerk", is_staff=True))
    return client


def test_staff_without_a_permission_see_no_model(world, clerk):
    for path in pages(staff):
        if readable(path.removeprefix("/")).startswith("admin/<model>/"):
            for method in ("get", "post"):
                answer = getattr(clerk, method)(path)
                allowed = (302, 403)  # of the bare address of a row: on to its page
                assert answer.status_code in allowed, f"{method} {path}"
                assert not NAMES.search(answer.content), path


def test_every_page_opens_for_a_superuser(world):
    client = Client(raise_request_exception=False)
    client.force_login(make_user("olga", is_staff=True, is_superuser=True))
    seen = set()
    for path in pages(staff):
        answer = client.get(path)
        assert answer.status_code in (200, 302, 403, 404, 405), f"{answer.status_code} {path}"
        seen.add(answer.status_code)
    assert 200 in seen
