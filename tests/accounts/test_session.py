"""A session: all the tokens that came of one log-in, and how they die together."""

from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from accounts.models import Session
from accounts.sessions import Pair, end_sessions, open_session
from audit.models import LogEntry
from common import clock
from tests.accounts.test_token import BASE, greet, refresh, verify
from tests.factories import AT

GRACE = timedelta(seconds=settings.REPLAY_GRACE_SECONDS)


@pytest.fixture
def now():
    with time_machine.travel(AT, tick=False) as traveller:
        yield traveller


@pytest.fixture
def pair(desk, now) -> Pair:
    return open_session(desk.ana, at=clock.now())


def renewed(api, token: str) -> tuple[str, str]:
    body = refresh(api, token).json()
    return body["access_token"], body["refresh_token"]


def test_a_second_use_within_the_grace_is_refused_and_nothing_more(pair, api, now):
    access, successor = renewed(api, pair.refresh_token)
    now.shift(GRACE)

    answer = refresh(api, pair.refresh_token)
    assert (answer.status_code, answer.json()["code"]) == (401, "spent_token")
    assert greet(api, pair.access_token) == greet(api, access) == 200
    assert refresh(api, successor).status_code == 200
    assert not LogEntry.objects.exists()


def test_a_later_use_ends_the_session_and_all_its_tokens(pair, api, now, caplog):
    access, successor = renewed(api, pair.refresh_token)
    elsewhere = open_session(pair.user, at=clock.now())
    now.shift(GRACE + timedelta(seconds=1))

    answers = [refresh(api, pair.refresh_token) for _ in range(3)]

    assert {answer.status_code for answer in answers} == {401}
    assert {answer.json()["code"] for answer in answers} == {"dead_token"}
    assert greet(api, pair.access_token) == greet(api, access) == 401
    assert verify(api, access) == verify(api, successor) == 401
    assert refresh(api, successor).status_code == 401
    assert greet(api, elsewhere.access_token) == 200  # another log-in is another session
    ended = Session.objects.exclude(ended_at=None).get()
    assert (ended.end_reason, ended.ended_at) == ("replayed", clock.now())
    assert [line for line in caplog.messages if "session_replayed" in line]


def test_a_replay_is_written_down_once_without_a_token(pair, api, now):
    renewed(api, pair.refresh_token)
    now.shift(GRACE * 2)
    for _ in range(3):
        refresh(api, pair.refresh_token)

    row = LogEntry.objects.get()
    assert (row.scope, row.action) == ("authentication", "session_replayed")
    assert (row.entity_type, row.entity_id) == ("custom_user", pair.user.pk)
    assert (row.user_email, row.trader_id_snapshot) == (pair.user.email, pair.user.trader_id)
    assert row.changes == {
        "source": {"old": None, "new": "api"},
        "session": {"old": str(Session.objects.get().pk), "new": None},
    }


def test_a_token_from_far_back_in_the_family_ends_it_too(pair, api, now):
    _, second = renewed(api, pair.refresh_token)
    now.shift(timedelta(hours=1))
    access, _ = renewed(api, second)

    assert refresh(api, pair.refresh_token).status_code == 401
    assert greet(api, access) == 401


def test_checking_a_spent_token_is_no_use_of_it(pair, api, now):
    access, _ = renewed(api, pair.refresh_token)
    now.shift(GRACE * 2)

    assert verify(api, pair.refresh_token) == 401
    assert greet(api, access) == 200


def test_a_session_ends_after_its_days_however_often_renewed(pair, api, now):
    token, end = pair.refresh_token, AT + timedelta(days=settings.SESSION_DAYS)
    while clock.now() + timedelta(days=2) < end:
        now.shift(timedelta(days=2))
        access, token = renewed(api, token)
        assert RefreshToken(token)["exp"] <= end.timestamp()
    now.move_to(end - timedelta(minutes=1))
    access, token = renewed(api, token)

    assert RefreshToken(token)["exp"] == AccessToken(access)["exp"] == end.timestamp()
    now.move_to(end)
    assert greet(api, access) == verify(api, access) == 401
    assert refresh(api, token).status_code == 401


@pytest.mark.parametrize("slash", ["", "/"])
def test_a_revoked_session_is_dead_for_good(pair, api, now, slash):
    access, successor = renewed(api, pair.refresh_token)
    for _ in range(2):  # twice: nothing more
        answer = api.post(f"{BASE}/revoke{slash}", {"refresh": successor})
        assert answer.status_code == 200

    assert greet(api, access) == greet(api, pair.access_token) == 401
    assert refresh(api, successor).status_code == 401
    assert verify(api, successor) == 401
    assert Session.objects.get().end_reason == "revoked"
    now.shift(GRACE * 2)
    assert refresh(api, pair.refresh_token).status_code == 401
    assert Session.objects.get().end_reason == "revoked"
    assert not LogEntry.objects.exists()


def test_a_spent_token_still_logs_out(pair, api):
    access, _ = renewed(api, pair.refresh_token)

    assert api.post(f"{BASE}/revoke", {"refresh": pair.refresh_token}).status_code == 200
    assert greet(api, access) == 401


def test_end_sessions_ends_those_of_one_user(desk, pair, api, now):
    open_session(desk.ana, at=clock.now())
    other = open_session(desk.bo, at=clock.now())
    api.post(f"{BASE}/revoke", {"refresh": pair.refresh_token})

    assert end_sessions(desk.ana, reason="password", at=clock.now()) == 1
    assert greet(api, other.access_token) == 200
    assert greet(api, pair.access_token) == 401


@pytest.mark.parametrize("part", ["account", "address"])
def test_refreshes_are_limited(pair, api, settings, part):
    settings.LIMITS = {"refresh.account": "9/1h", "refresh.address": "9/1h"}
    settings.LIMITS[f"refresh.{part}"] = "2/1h"
    token = pair.refresh_token
    for _ in range(2):
        _, token = renewed(api, token)

    answer = refresh(api, token)
    assert answer.status_code == 429
    assert answer["Retry-After"] == "3600"
    settings.LIMITS[f"refresh.{part}"] = "3/1h"
    api.post(f"{BASE}/verify", {"token": token})
    assert verify(api, token) == 200  # it was not spent


def test_a_token_whose_row_is_gone_is_dead(pair, api):
    OutstandingToken.objects.all().delete()

    assert refresh(api, pair.refresh_token).status_code == 401
    assert greet(api, pair.access_token) == 200
