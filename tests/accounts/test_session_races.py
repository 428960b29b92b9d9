"""Many at once: one winner, one end."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from rest_framework.test import APIClient
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken

from accounts.models import Session
from accounts.sessions import open_session
from audit.models import LogEntry
from common import clock
from tests.accounts.test_token import BASE, greet
from tests.factories import make_user

CALLERS, ROUNDS = 16, 50

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


@pytest.fixture
def at_once():
    """Run one deed for each of its numbers, all at the same moment, on connections of their own."""
    with ThreadPoolExecutor(CALLERS) as pool:

        def run(deed: Callable[[int], Any], callers: int = CALLERS) -> list[Any]:
            start = Barrier(callers)

            def one(number: int) -> Any:
                start.wait()
                return deed(number)

            return list(pool.map(one, range(callers)))

        yield run
        run(lambda _: connection.close())


def use(call: str, token: str):
    return APIClient().post(f"{BASE}/{call}", {"refresh": token})


def test_of_many_concurrent_uses_exactly_one_succeeds(at_once):
    for number in range(ROUNDS):
        pair = open_session(make_user(f"racer{number}"), at=clock.now())

        answers = at_once(lambda _, token=pair.refresh_token: use("refresh", token))

        statuses = sorted(answer.status_code for answer in answers)
        assert statuses == [200] + [401] * (CALLERS - 1)
        won = next(answer.json() for answer in answers if answer.status_code == 200)
        assert greet(APIClient(), won["access_token"]) == 200
        assert use("refresh", won["refresh_token"]).status_code == 200
    assert OutstandingToken.objects.count() == 3 * ROUNDS
    assert BlacklistedToken.objects.count() == 2 * ROUNDS


def test_many_late_replays_end_the_session_once(at_once):
    pair = open_session(make_user("victim"), at=clock.now())
    successor = use("refresh", pair.refresh_token).json()
    BlacklistedToken.objects.update(blacklisted_at=clock.now() - timedelta(minutes=1))

    answers = at_once(lambda _: use("refresh", pair.refresh_token))

    assert {answer.status_code for answer in answers} == {401}
    assert greet(APIClient(), successor["access_token"]) == 401
    assert LogEntry.objects.filter(action="session_replayed").count() == 1


def test_whoever_renews_while_another_logs_out_holds_dead_tokens(at_once):
    for number in range(ROUNDS):
        pair = open_session(make_user(f"leaver{number}"), at=clock.now())

        renewed, revoked = at_once(
            lambda caller, token=pair.refresh_token: use(("refresh", "revoke")[caller], token),
            callers=2,
        )

        assert revoked.status_code == 200
        assert renewed.status_code in (200, 401)
        if renewed.status_code == 200:
            assert greet(APIClient(), renewed.json()["access_token"]) == 401
            assert use("refresh", renewed.json()["refresh_token"]).status_code == 401
        assert greet(APIClient(), pair.access_token) == 401
    assert set(Session.objects.values_list("end_reason", flat=True)) == {"revoked"}
