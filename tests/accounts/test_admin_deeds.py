"""What an operator does to log-ins of the list, and passwords set in the console."""

from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import call_command
from django.test import Client

from accounts import limits
from accounts.models import CustomUser
from audit.models import LogEntry
from common import clock
from tests import mails
from tests.accounts.operator import (
    PASSWORD,
    act,
    operator_client,
    page_of,
    said,
)
from tests.factories import make_user

LOGIN = "/api/v1/auth/login"
OTHER = "a staple of another kind"


@pytest.fixture
def operator(desk) -> Client:
    return operator_client()


@pytest.fixture
def finn(desk) -> CustomUser:
    return make_user("finn", group=desk.group, password=PASSWORD)


def log_in(api, user, password=PASSWORD):
    return api.post(LOGIN, {"email": user.email, "password": password})


def alive(api, answer) -> bool:
    token = answer.json()["access_token"]
    told = api.get("/api/v1/auth/user", HTTP_AUTHORIZATION=f"Bearer {token}")
    return bool(told.status_code == 200)


def rows(action: str) -> list[LogEntry]:
    return list(LogEntry.objects.filter(scope="user_management", action=action))


def test_deactivated_at_once_and_back(operator, finn, api):
    session = log_in(api, finn)
    assert said(act(operator, "deactivate", finn)) == "1 deactivated"
    assert not alive(api, session)
    assert log_in(api, finn).status_code == 401
    assert said(act(operator, "deactivate", finn)) == "0 deactivated"

    assert said(act(operator, "activate", finn)) == "1 activated"
    assert log_in(api, finn).status_code == 200
    assert not alive(api, session)
    assert [row.user_email for row in rows("deactivate") + rows("activate")] == [
        "olga@desk.test"
    ] * 2


def test_nobody_deactivates_oneself(operator):
    olga = CustomUser.objects.get(username="olga")
    act(operator, "deactivate", olga)
    olga.refresh_from_db()
    assert olga.is_active


def test_all_sessions_end(operator, finn, api):
    sessions = [log_in(api, finn), log_in(api, finn)]
    assert said(act(operator, "end_all_sessions", finn)) == "1 logged out everywhere"
    assert not any(alive(api, session) for session in sessions)
    (row,) = rows("end_sessions")
    assert row.changes["sessions"] == {"old": 2, "new": 0}
    assert log_in(api, finn).status_code == 200


def test_sessions_of_the_console_end_too(operator):
    pia = make_user("pia", is_staff=True, is_superuser=True)
    client = Client()
    client.force_login(pia)
    assert client.get("/admin/").status_code == 200
    act(operator, "end_all_sessions", pia)
    assert client.get("/admin/").status_code == 302
    assert operator.get("/admin/").status_code == 200


def test_a_lock_is_released(operator, finn, api, settings):
    settings.LIMITS = settings.LIMITS | {"login.account": "2/15m"}
    for _ in range(3):
        log_in(api, finn, "wrong")
    assert log_in(api, finn).status_code == 429

    assert said(act(operator, "release_lock", finn)) == "1 released"
    assert not limits.locked("login", account=finn.email, at=clock.now())
    assert log_in(api, finn).status_code == 200
    assert said(act(operator, "release_lock", finn)) == "0 released"
    assert len(rows("unlock")) == 1


def test_an_invitation_again_for_whoever_has_no_password(operator, finn, desk):
    answer = act(operator, "invite", finn, desk.ana)
    assert said(answer).startswith("1 invited")
    assert mails.only().to == desk.ana.email


def test_a_second_factor_is_removed(operator, desk):
    pia = make_user("pia", is_staff=True)
    for kind in (Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES):
        Authenticator.objects.create(user=pia, type=kind, data={})
    assert "an authenticator app since" in operator.get(page_of(pia)).content.decode()
    assert said(act(operator, "remove_second_factor", pia, desk.ana)).startswith("1 without")
    assert not Authenticator.objects.exists()
    (row,) = rows("second_factor")
    assert row.changes["second_factor"] == {"old": True, "new": False}


class TestPasswords:
    def test_set_for_somebody_else(self, operator, finn, api):
        session = log_in(api, finn)
        form = {"usable_password": "true", "password1": OTHER, "password2": OTHER}
        answer = operator.post(page_of(finn, "password"), form | {"set-password": "1"})
        assert answer.status_code == 302

        assert not alive(api, session)
        assert log_in(api, finn).status_code == 401
        assert log_in(api, finn, OTHER).status_code == 200
        (row,) = rows("password")
        assert (row.entity_id, row.user_email) == (finn.pk, "olga@desk.test")
        assert OTHER not in str(row.changes)
        assert mails.only().subject == "Your password was changed"

    def test_taken_away(self, operator, finn, api):
        session = log_in(api, finn)
        form = {"usable_password": "false", "unset-password": "1"}
        assert operator.post(page_of(finn, "password"), form).status_code == 302
        assert not alive(api, session)
        assert len(rows("password")) == 1
        assert mails.arriving() == []

    def test_one_that_does_not_fit_changes_nothing(self, operator, finn):
        form = {"usable_password": "true", "password1": OTHER, "password2": "x"}
        answer = operator.post(page_of(finn, "password"), form | {"set-password": "1"})
        assert answer.status_code == 200
        assert not rows("password")

    def test_nobody_there(self, operator):
        assert operator.get("/admin/accounts/customuser/0/password/").status_code == 404
        assert operator.get("/admin/accounts/customuser/x/password/").status_code == 404

    def test_ones_own(self, db, api):
        client = operator_client(password=PASSWORD)
        olga = CustomUser.objects.get(username="olga")
        elsewhere = Client()
        elsewhere.force_login(olga)
        session = log_in(api, olga)
        form = {"old_password": PASSWORD, "new_password1": OTHER, "new_password2": OTHER}
        assert client.post("/admin/password_change/", form).status_code == 302

        assert client.get("/admin/").status_code == 200
        assert elsewhere.get("/admin/").status_code == 302
        assert not alive(api, session)
        assert [row.entity_id for row in rows("password")] == [olga.pk]

    def test_ones_own_is_not_guessed(self, db, settings):
        settings.LIMITS = settings.LIMITS | {"password.account": "2/1h"}
        client = operator_client(password=PASSWORD)
        form = {"old_password": "guess", "new_password1": OTHER, "new_password2": OTHER}
        for _ in range(2):
            assert client.post("/admin/password_change/", form).status_code == 200
        answer = client.post("/admin/password_change/", form | {"old_password": PASSWORD})
        assert "Too many tries" in said(answer)
        assert not rows("password")


def test_a_user_is_deleted_by_its_page_and_written_down(operator, finn, api):
    session = log_in(api, finn)
    assert operator.post(page_of(finn, "delete"), {"post": "yes"}).status_code == 302
    assert not CustomUser.objects.filter(username="finn").exists()
    assert not alive(api, session)
    (row,) = rows("delete")
    assert row.changes["email"] == {"old": "finn@desk.test", "new": None}


def test_nobody_deletes_oneself(operator):
    olga = CustomUser.objects.get(username="olga")
    assert operator.post(page_of(olga, "delete"), {"post": "yes"}).status_code == 403


def test_a_second_factor_is_removed_by_command_too(desk):
    Authenticator.objects.create(user=desk.ana, type=Authenticator.Type.TOTP, data={})
    said = StringIO()
    for _ in range(2):
        call_command("remove_second_factor", email=desk.ana.email, stdout=said)
    assert said.getvalue().splitlines() == [
        "ana@desk.test: without a second factor now",
        "ana@desk.test: had none: nothing to change",
    ]
    assert not Authenticator.objects.exists()
    assert len(rows("second_factor")) == 1
