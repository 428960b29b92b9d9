"""Refresh, verify, revoke."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
import time_machine
from django.db import connection
from rest_framework.test import APIClient
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken

from accounts.sessions import Pair, open_session
from common import clock
from tests.factories import make_user

BASE = "/api/v1/auth/token"


@pytest.fixture
def session(desk) -> Pair:
    return open_session(desk.ana, at=clock.now())


def refresh(api, token: str, url: str = f"{BASE}/refresh"):
    return api.post(url, {"refresh": token})


def greet(api, token: str):
    return api.get("/api/v1/auth/user", HTTP_AUTHORIZATION=f"Bearer {token}").status_code


@pytest.mark.parametrize("slash", ["", "/"])
def test_refresh_gives_a_new_pair(session, api, slash):
    answer = refresh(api, session.refresh_token, f"{BASE}/refresh{slash}")

    assert answer.status_code == 200
    assert set(answer.json()) == {"access_token", "refresh_token"}
    assert answer.json()["refresh_token"] != session.refresh_token
    assert greet(api, answer.json()["access_token"]) == 200


def test_a_refresh_token_works_once(session, api):
    successor = refresh(api, session.refresh_token).json()["refresh_token"]

    answer = refresh(api, session.refresh_token)
    assert answer.status_code == 401
    assert answer.json()["code"] == "dead_token"
    assert refresh(api, successor).status_code == 200


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_of_many_concurrent_uses_exactly_one_succeeds():
    user = make_user("racer")
    callers = 8

    for _ in range(10):
        token = open_session(user, at=clock.now()).refresh_token
        start = Barrier(callers)

        def use(_: int, token: str = token, start: Barrier = start):
            start.wait()
            try:
                return refresh(APIClient(), token).status_code
            finally:
                connection.close()

        with ThreadPoolExecutor(callers) as pool:
            statuses = sorted(pool.map(use, range(callers)))
        assert statuses == [200] + [401] * (callers - 1)


@pytest.mark.parametrize("change", ["deactivated", "deleted", "new password"])
def test_a_session_ends_with_its_user(session, api, change):
    user = session.user
    if change == "deactivated":
        user.is_active = False
        user.save()
    elif change == "deleted":
        user.delete()
    else:
        user.set_password("another one entirely")
        user.save()

    assert greet(api, session.access_token) == 401
    assert refresh(api, session.refresh_token).status_code == 401
    assert api.post(f"{BASE}/verify", {"token": session.access_token}).status_code == 401


def test_tokens_expire(session, api):
    with time_machine.travel(clock.now() + timedelta(minutes=61), tick=False):
        assert greet(api, session.access_token) == 401
        assert refresh(api, session.refresh_token).status_code == 200
    other = open_session(session.user, at=clock.now())
    with time_machine.travel(clock.now() + timedelta(days=3, minutes=1), tick=False):
        assert refresh(api, other.refresh_token).status_code == 401


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "Bearer Bearer", "Bearer bearer"])
def test_the_scheme_may_be_written_anyhow(session, api, scheme):
    answer = api.get("/api/v1/auth/user", HTTP_AUTHORIZATION=f"{scheme} {session.access_token}")

    assert answer.status_code == 200


@pytest.mark.parametrize("slash", ["", "/"])
def test_verify(session, api, slash):
    url = f"{BASE}/verify{slash}"
    for token in (session.access_token, session.refresh_token):
        assert api.post(url, {"token": token}).status_code == 200
    for token in ("x", session.access_token[:-4] + "AAAA", "a.b.c", "é"):
        assert api.post(url, {"token": token}).status_code == 401


@pytest.mark.parametrize("slash", ["", "/"])
def test_a_revoked_token_is_dead_for_good(session, api, slash):
    answer = api.post(f"{BASE}/revoke{slash}", {"refresh": session.refresh_token})

    assert answer.status_code == 200
    assert refresh(api, session.refresh_token).status_code == 401
    assert api.post(f"{BASE}/verify", {"token": session.refresh_token}).status_code == 401


@pytest.mark.parametrize("call", ["refresh", "revoke"])
def test_only_refresh_tokens_refresh(session, api, call):
    for token in (session.access_token, "x", "a.b.c"):
        assert api.post(f"{BASE}/{call}", {"refresh": token}).status_code == 401
    assert api.post(f"{BASE}/{call}", {}).json()["fields"] == {
        "refresh": ["This field is required."]
    }
    assert greet(api, session.refresh_token) == 401


def test_no_token_is_kept(session):
    assert list(OutstandingToken.objects.values_list("token", flat=True)) == [""]


def test_every_request_costs_one_query_for_its_user(session, api, django_assert_num_queries):
    with django_assert_num_queries(1):  # the user with group and trader
        assert greet(api, session.access_token) == 200
