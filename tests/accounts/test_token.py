"""Refresh, verify, revoke: what a client sees."""

from datetime import timedelta

import pytest
import time_machine
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from accounts.sessions import Pair, open_session
from common import clock

BASE = "/api/v1/auth/token"


@pytest.fixture
def pair(desk) -> Pair:
    return open_session(desk.ana, at=clock.now())


def refresh(api, token: str, url: str = f"{BASE}/refresh"):
    return api.post(url, {"refresh": token})


def verify(api, token: str, slash: str = "") -> int:
    return api.post(f"{BASE}/verify{slash}", {"token": token}).status_code


def greet(api, token: str) -> int:
    return api.get("/api/v1/auth/user", HTTP_AUTHORIZATION=f"Bearer {token}").status_code


@pytest.mark.parametrize("slash", ["", "/"])
def test_refresh_gives_a_new_pair(pair, api, slash):
    answer = refresh(api, pair.refresh_token, f"{BASE}/refresh{slash}")

    assert answer.status_code == 200
    assert set(answer.json()) == {"access_token", "refresh_token"}
    assert answer.json()["refresh_token"] != pair.refresh_token
    assert greet(api, answer.json()["access_token"]) == 200


def test_a_refresh_token_works_once(pair, api):
    successor = refresh(api, pair.refresh_token).json()["refresh_token"]

    answer = refresh(api, pair.refresh_token)
    assert answer.status_code == 401
    assert answer.json()["code"] == "spent_token"
    assert verify(api, pair.refresh_token) == 401
    assert refresh(api, successor).status_code == 200


@pytest.mark.parametrize("change", ["deactivated", "deleted", "new password"])
def test_a_session_ends_with_its_user(pair, api, change):
    user = pair.user
    if change == "deactivated":
        user.is_active = False
        user.save()
    elif change == "deleted":
        user.delete()
    else:
        user.set_password("another one entirely")
        user.save()

    assert greet(api, pair.access_token) == 401
    assert refresh(api, pair.refresh_token).status_code == 401
    assert verify(api, pair.access_token) == verify(api, pair.refresh_token) == 401
    assert api.post(f"{BASE}/revoke", {"refresh": pair.refresh_token}).status_code == 200


def test_tokens_expire(pair, api):
    with time_machine.travel(clock.now() + timedelta(minutes=61), tick=False):
        assert greet(api, pair.access_token) == 401
        assert refresh(api, pair.refresh_token).status_code == 200
    other = open_session(pair.user, at=clock.now())
    with time_machine.travel(clock.now() + timedelta(days=3, minutes=1), tick=False):
        assert refresh(api, other.refresh_token).status_code == 401


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "Bearer Bearer", "Bearer bearer"])
def test_the_scheme_may_be_written_anyhow(pair, api, scheme):
    answer = api.get("/api/v1/auth/user", HTTP_AUTHORIZATION=f"{scheme} {pair.access_token}")

    assert answer.status_code == 200


@pytest.mark.parametrize(
    "header", [b"Bearer", b"Bearer a b", b"Bearer \xff", b"Bearer ..", b"Bearer " + b"x" * 9_000]
)
def test_a_header_that_makes_no_sense_is_a_401(db, api, header):
    answer = api.get("/api/v1/auth/user", HTTP_AUTHORIZATION=header)

    assert answer.status_code == 401
    assert answer.json()["code"] == "dead_token"


@pytest.mark.parametrize("slash", ["", "/"])
def test_verify(pair, api, slash):
    for token in (pair.access_token, pair.refresh_token):
        assert verify(api, token, slash) == 200
    for token in ("x", pair.access_token[:-4] + "AAAA", "a.b.c", "é"):
        assert verify(api, token, slash) == 401


@pytest.mark.parametrize("call", ["refresh", "revoke"])
def test_only_refresh_tokens_refresh(pair, api, call):
    for token in (pair.access_token, "x", "a.b.c"):
        assert api.post(f"{BASE}/{call}", {"refresh": token}).status_code == 401
    assert api.post(f"{BASE}/{call}", {}).json()["fields"] == {
        "refresh": ["This field is required."]
    }
    assert greet(api, pair.refresh_token) == 401


@pytest.mark.parametrize("sid", [None, "", "x", 7, ["x"], "0" * 32])
def test_a_token_without_a_session_is_dead(pair, api, sid):
    """Such are the tokens of releases that knew no sessions."""
    tokens = [RefreshToken(pair.refresh_token), AccessToken(pair.access_token)]
    for token in tokens:
        token["sid"] = sid
        if sid is None:
            del token["sid"]
    refresh_token, access_token = map(str, tokens)

    assert greet(api, access_token) == 401
    assert verify(api, access_token) == verify(api, refresh_token) == 401
    assert refresh(api, refresh_token).status_code == 401


def test_no_token_is_kept(pair, api):
    refresh(api, pair.refresh_token)

    assert list(OutstandingToken.objects.values_list("token", flat=True)) == ["", ""]


def test_every_request_costs_one_query_for_its_user(pair, api, django_assert_num_queries):
    with django_assert_num_queries(1):  # the session, with user, group and trader
        assert greet(api, pair.access_token) == 200


def test_what_sessions_cost(pair, api, django_assert_num_queries):
    with django_assert_num_queries(4):  # savepoint, session, token, savepoint
        open_session(pair.user, at=clock.now())
    with django_assert_num_queries(7):  # two limits, session, savepoint, spent, token, savepoint
        assert refresh(api, pair.refresh_token).status_code == 200
    with django_assert_num_queries(1):
        assert verify(api, pair.access_token) == 200
