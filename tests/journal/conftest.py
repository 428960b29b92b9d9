"""What the tests of the journal share."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import time_machine

from tests.factories import make_trader, make_user
from tests.journal.steps import Journal

URL = "/api/v1/welcome-prompt"
MONDAY = "2026-03-30"  # the week before: March 23 to 29; the four before that: from February 23
NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def tuesday():
    """Stand in the last week of March."""
    with time_machine.travel(NOW, tick=True):
        yield


@pytest.fixture
def ask(as_user):
    """Return a way to ask as somebody for the whole answer."""

    def get(user):
        answer = as_user(user).get(URL)
        assert answer.status_code == 200, answer.json()
        return answer.json()

    return get


@pytest.fixture
def greeting(ask):
    """Return a way to ask as somebody for the one prompt."""

    def get(user):
        (prompt,) = ask(user)["data"]
        return prompt

    return get


@pytest.fixture
def journal(as_user):
    """Return a way to ask for a journal as somebody."""
    return lambda user: Journal(as_user, user)


@pytest.fixture
def team(desk):
    """Four traders beside the cast, all with log-ins; una trades nothing and has no trader."""
    names = ("dan", "eva", "finn", "gil")
    made = [make_user(n, group=desk.group, trader=make_trader(desk.group, n)) for n in names]
    return [*made, make_user("una", group=desk.group)]
