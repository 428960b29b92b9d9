"""A kept connection is used again where it lives, without being asked; where not, there is a new
one."""

import pytest
from django.db import connection

from common.postgres import base
from common.postgres.base import DatabaseWrapper


def pid(own) -> int:
    with own.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return cursor.fetchone()[0]


@pytest.fixture
def own(db):
    """A connection as a web process has it, beside that of the test."""
    one = connection.copy()
    one.settings_dict |= {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}
    yield one
    one.close()


@pytest.fixture
def asked(monkeypatch) -> list[int]:
    """How often the server was asked whether it is there."""
    calls: list[int] = []
    plain = DatabaseWrapper.is_usable

    def is_usable(self: DatabaseWrapper) -> bool:
        calls.append(1)
        return bool(plain(self))

    monkeypatch.setattr(DatabaseWrapper, "is_usable", is_usable)
    return calls


def test_one_that_lives_is_not_asked_but_after_a_rest(own, asked, monkeypatch):
    first = pid(own)
    for _ in range(4):
        own.close_if_unusable_or_obsolete()
        assert pid(own) == first
    assert len(asked) == 1

    monkeypatch.setattr(base, "REST_SECONDS", 0.0)
    own.close_if_unusable_or_obsolete()
    assert pid(own) == first
    assert len(asked) == 2


def test_one_that_the_server_ended_is_replaced(own, asked):
    first = pid(own)
    own.close_if_unusable_or_obsolete()
    pid(own)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [first])
        assert cursor.fetchone() == (True,)

    own.close_if_unusable_or_obsolete()
    assert pid(own) != first
    assert len(asked) == 2
