from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.contrib.auth import authenticate
from django.contrib.auth.hashers import MD5PasswordHasher
from django.db import connection

from accounts.models import CustomUser, Session, Tries
from audit.models import LogEntry
from common import clock
from tests.audit.test_append_only import SAMPLE
from tests.factories import AT, make_user

URL = "/api/v1/auth/login"
PASSWORD = "correct horse battery"


@pytest.fixture
def dora(desk) -> CustomUser:
    return make_user("dora", group=desk.group, password=PASSWORD)


def log_in(api, email: str = "dora@desk.test", password: str = PASSWORD, url: str = URL):
    return api.post(url, {"email": email, "password": password})


@pytest.mark.parametrize("slash", ["", "/"])
def test_gives_a_pair_of_tokens_and_the_user(dora, api, slash):
    answer = log_in(api, url=URL + slash)

    assert answer.status_code == 200
    body = answer.json()
    assert set(body) == {"access_token", "refresh_token", "user"}
    assert body["user"] == {
        "id": dora.pk,
        "username": "dora",
        "email": "dora@desk.test",
        "first_name": "",
        "last_name": "",
        "is_admin": False,
        "group": dora.group_id,
        "trader": None,
        "opt_out": False,
    }
    assert answer["Cache-Control"] == "no-store"


def test_the_access_token_opens_the_door(dora, api):
    token = log_in(api).json()["access_token"]

    for header in (f"Bearer {token}", f"Bearer Bearer {token}"):
        answer = api.get("/api/v1/auth/user", HTTP_AUTHORIZATION=header)
        assert answer.status_code == 200
        assert answer.json()["email"] == "dora@desk.test"


def test_the_case_of_the_address_does_not_matter(dora, api):
    assert log_in(api, email="Dora@Desk.TEST").status_code == 200


def test_wrong_address_and_wrong_password_are_told_apart_by_nothing(dora, api):
    answers = [
        log_in(api, password="wrong"),
        log_in(api, email="nobody@desk.test"),
    ]
    dora.is_active = False
    dora.save()
    answers.append(log_in(api))

    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.content for answer in answers}) == 1
    assert answers[0].json()["code"] == "wrong_login"


def test_an_unverified_address_is_told_so(desk, api):
    make_user("eve", group=desk.group, password=PASSWORD, verified=False)

    answer = log_in(api, email="eve@desk.test")

    assert answer.status_code == 403
    assert "Verify your e-mail address" in answer.json()["error"]
    assert log_in(api, email="eve@desk.test", password="wrong").status_code == 401


def test_only_the_present_address_logs_in(dora, api):
    dora.email = "new@desk.test"
    dora.save()
    EmailAddress.objects.create(user=dora, email="new@desk.test", verified=True)

    assert log_in(api).status_code == 401
    assert log_in(api, email="new@desk.test").status_code == 200


@pytest.mark.parametrize("why", ["wrong", "unknown", "deactivated", "no password", "unverified"])
def test_every_refusal_costs_one_hash(dora, api, monkeypatch, why):
    made: list[str] = []
    encode = MD5PasswordHasher.encode

    def counted(self, password, salt):
        made.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counted)
    dora.is_active = why != "deactivated"
    if why == "no password":
        dora.set_unusable_password()
    dora.save()
    if why == "unverified":
        EmailAddress.objects.all().delete()
    made.clear()
    email = "nobody@desk.test" if why == "unknown" else "dora@desk.test"

    answer = log_in(api, email=email, password="wrong" if why == "wrong" else PASSWORD)

    assert answer.status_code == (403 if why == "unverified" else 401)
    assert len(made) == 1


@pytest.mark.parametrize(
    ("change", "status"), [({"is_active": False}, 401), ({"password": "other"}, 401), (None, 403)]
)
def test_who_changes_while_the_hash_is_made_is_refused(dora, api, monkeypatch, change, status):
    def slowly(*_, **given):
        user = authenticate(*_, **given)
        row = CustomUser.objects.filter(pk=dora.pk)
        row.update(**change) if change else row.get().delete()
        return user

    monkeypatch.setattr("accounts.actions.login.authenticate", slowly)

    assert log_in(api).status_code == status
    assert not Session.objects.exists()
    assert LogEntry.objects.filter(scope="authentication").get().action == "login_failed"


def told(*columns: str) -> list:
    rows = LogEntry.objects.filter(scope="authentication").order_by("id")
    return list(rows.values_list(*columns))


def test_logins_and_refusals_are_written_down(desk, api):
    desk.ana.set_password(PASSWORD)
    desk.ana.save()
    log_in(api, email="ANA@desk.test")
    log_in(api, email="ana@desk.test", password="wrong")
    log_in(api, email="nobody@desk.test")

    assert told("action", "entity_type", "entity_id", "user_email", "trader_id_snapshot") == [
        ("login", "custom_user", desk.ana.pk, "ana@desk.test", desk.ana.trader_id),
        ("login_failed", "custom_user", desk.ana.pk, "ana@desk.test", desk.ana.trader_id),
        ("login_failed", "custom_user", None, "nobody@desk.test", None),
    ]
    api_, wrong = {"old": None, "new": "api"}, {"old": None, "new": "wrong_password"}
    assert told("changes") == [
        ({"source": api_},),
        ({"source": api_, "reason": wrong},),
        ({"source": api_, "reason": wrong},),
    ]


@pytest.mark.parametrize(
    ("reason", "password"),
    [("unverified", PASSWORD), ("deactivated", PASSWORD), ("deactivated", "wrong")],
)
def test_the_reason_of_a_refusal_is_written_down(dora, api, reason, password):
    EmailAddress.objects.all().delete()
    dora.is_active = reason != "deactivated"
    dora.save()

    log_in(api, password=password)

    assert told("action", "entity_id", "changes__reason__new") == [
        ("login_failed", dora.pk, reason)
    ]


def test_the_sample_query_of_the_api_document_tells_the_login(desk, api):
    desk.ana.set_password(PASSWORD)
    desk.ana.save()
    with time_machine.travel(AT, tick=False):
        log_in(api, email="ana@desk.test")
    log_in(api, email="ana@desk.test", password="wrong")

    with connection.cursor() as cursor:
        cursor.execute(SAMPLE)
        assert cursor.fetchall() == [(AT, "ana@desk.test", desk.ana.pk, desk.ana.trader_id, "api")]
    assert CustomUser.objects.get(pk=desk.ana.pk).last_login == AT


def test_the_log_keeps_the_trader_of_that_moment(desk, api):
    desk.ana.set_password(PASSWORD)
    desk.ana.save()
    log_in(api, email="ana@desk.test")
    first, desk.ana.trader = desk.ana.trader_id, None
    desk.ana.save()
    log_in(api, email="ana@desk.test")

    assert told("trader_id_snapshot") == [(first,), (None,)]


def test_too_many_tries_are_refused_before_any_hash(dora, api, monkeypatch):
    for _ in range(10):
        assert log_in(api, password="wrong").status_code == 401
    monkeypatch.setattr("accounts.actions.login.authenticate", None)

    answers = [log_in(api, email=email) for email in ("dora@desk.test", "DORA@desk.test") * 3]

    assert {answer.status_code for answer in answers} == {429}
    assert answers[0].json()["code"] == "too_many_tries"
    assert 0 < int(answers[0]["Retry-After"]) <= 900
    reasons = [reason for (reason,) in told("changes__reason__new")]
    assert reasons == ["wrong_password"] * 10 + ["too_many"]  # a line per window, not per request


def test_a_window_later_the_right_password_opens_and_forgives(dora, api):
    for _ in range(11):
        log_in(api, password="wrong")
    with time_machine.travel(clock.now() + timedelta(minutes=16), tick=False):
        for _ in range(2):
            for _ in range(9):
                assert log_in(api, password="wrong").status_code == 401
            assert log_in(api).status_code == 200
        assert not Tries.objects.filter(action="login.account").exists()


def test_an_office_that_logs_in_rightly_shuts_out_nobody(dora, api, settings):
    settings.LIMITS = {**settings.LIMITS, "login.address": "3/15m"}
    for _ in range(5):
        assert log_in(api).status_code == 200
    for name in "abc":
        assert log_in(api, email=f"{name}@desk.test").status_code == 401

    assert log_in(api).status_code == 429
    assert log_in(api, email="d@desk.test").status_code == 429
    reasons = [reason for (reason,) in told("changes__reason__new")]
    assert reasons.count("too_many") == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "email"),
        ({"email": "dora@desk.test"}, "password"),
        ({"email": "not an address", "password": "x"}, "email"),
        ({"email": ["dora@desk.test"], "password": "x"}, "email"),
        ({"email": "dora@desk.test", "password": {"x": 1}}, "password"),
        ({"email": "do\x00ra@desk.test", "password": "x"}, "email"),
        ({"email": "dora@desk.test", "password": "x\x00y"}, "password"),
        ({"email": "dora@desk.test", "password": "x" * 129}, "password"),
        ({"email": "dora@desk.test", "password": "x" * 10_000}, "password"),
        ({"email": "d" * 10_000 + "@desk.test", "password": "x"}, "email"),
    ],
)
def test_bad_values_are_named(db, api, body, field):
    answer = api.post(URL, body)

    assert answer.status_code == 400
    assert field in answer.json()["fields"]
    assert answer.json()["error"].startswith(field) or "email" in answer.json()["error"]


@pytest.mark.parametrize(
    "email", ["d\u00f6ra@desk.test", "dor\u0430@desk.test", "dora@d\u00e9sk.test"]
)
@pytest.mark.parametrize("password", [PASSWORD, "\u5bc6\u7801 \U0001f511", "\u202e\ufeff"])
def test_letters_of_any_script_are_no_fault_of_ours(dora, api, email, password):
    assert log_in(api, email=email, password=password).status_code in (400, 401)


def test_a_look_alike_of_the_address_gives_no_tries_of_its_own(desk, api):
    sue = make_user("sue", group=desk.group, password=PASSWORD)
    for _ in range(10):
        log_in(api, email=sue.email, password="wrong")

    assert log_in(api, email="\u017fue@desk.test").status_code == 429


@pytest.mark.parametrize(
    "raw", [b"[]", b"null", b"1", b'"x"', b"{", b"\xff", b'{"email": "\\ud800"}']
)
def test_a_body_that_is_no_object_is_refused(db, api, raw):
    answer = api.post(URL, raw, content_type="application/json")

    assert answer.status_code == 400
    assert answer.json()["error"]
