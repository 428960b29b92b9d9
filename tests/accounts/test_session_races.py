"""Many at once: one winner, one end."""

from datetime import timedelta

import pytest
from rest_framework.test import APIClient
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken

from accounts.models import Session
from accounts.sessions import open_session
from audit.models import LogEntry
from common import clock
from tests.accounts.test_token import BASE, greet
from tests.at_once import CALLERS
from tests.factories import make_user

ROUNDS = 50
ours = APIClient()
theirs = [APIClient() for _ in range(CALLERS)]  # a new one for each call takes longer than the call

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def use(call: str, token: str, api: APIClient | None = None):
    return (api or ours).post(f"{BASE}/{call}", {"refresh": token})


def test_of_many_concurrent_uses_exactly_one_succeeds(at_once):
    for turn in range(ROUNDS):
        pair = open_session(make_user(f"racer{turn}"), at=clock.now())

        answers = at_once(
            lambda number, token=pair.refresh_token: use("refresh", token, theirs[number])
        )

        statuses = sorted(answer.status_code for answer in answers)
        assert statuses == [200] + [401] * (CALLERS - 1)
        won = next(answer.json() for answer in answers if answer.status_code == 200)
        assert greet(ours, won["access_token"]) == 200
        assert use("refresh", won["refresh_token"]).status_code == 200
    assert OutstandingToken.objects.count() == 3 * ROUNDS
    assert BlacklistedToken.objects.count() == 2 * ROUNDS


def test_many_late_replays_end_the_session_once(at_once):
    pair = open_session(make_user("victim"), at=clock.now())
    successor = use("refresh", pair.refresh_token).json()
    BlacklistedToken.objects.update(blacklisted_at=clock.now() - timedelta(minutes=1))

    answers = at_once(lambda number: use("refresh", pair.refresh_token, theirs[number]))

    assert {answer.status_code for answer in answers} == {401}
    assert greet(ours, successor["access_token"]) == 401
    assert LogEntry.objects.filter(action="session_replayed").count() == 1


def test_whoever_renews_while_another_logs_out_holds_dead_tokens(at_once):
    for turn in range(ROUNDS):
        pair = open_session(make_user(f"leaver{turn}"), at=clock.now())

        renewed, revoked = at_once(
            lambda number, token=pair.refresh_token: use(
                ("refresh", "revoke")[number], token, theirs[number]
            ),
            callers=2,
        )

        assert revoked.status_code == 200
        assert renewed.status_code in (200, 401)
        if renewed.status_code == 200:
            assert greet(ours, renewed.json()["access_token"]) == 401
            assert use("refresh", renewed.json()["refresh_token"]).status_code == 401
        assert greet(ours, pair.access_token) == 401
    assert set(Session.objects.values_list("end_reason", flat=True)) == {"revoked"}
