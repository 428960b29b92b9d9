import pytest

from accounts.models import CustomUser
from audit.models import LogEntry
from tests.factories import make_user

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


def test_logins_and_refusals_are_written_down(desk, api):
    desk.ana.set_password(PASSWORD)
    desk.ana.save()
    log_in(api, email="ANA@desk.test")
    log_in(api, email="ana@desk.test", password="wrong")
    log_in(api, email="nobody@desk.test")

    rows = LogEntry.objects.filter(scope="authentication").order_by("id")
    assert list(rows.values_list("action", "entity_id", "user_email", "trader_id_snapshot")) == [
        ("login", desk.ana.pk, "ana@desk.test", desk.ana.trader_id),
        ("login_failed", desk.ana.pk, "ana@desk.test", desk.ana.trader_id),
        ("login_failed", None, "nobody@desk.test", None),
    ]
    assert {row.entity_type for row in rows} == {"custom_user"}
    assert all(row.changes == {"source": {"old": None, "new": "api"}} for row in rows)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "email"),
        ({"email": "dora@desk.test"}, "password"),
        ({"email": "not an address", "password": "x"}, "email"),
        ({"email": ["dora@desk.test"], "password": "x"}, "email"),
        ({"email": "dora@desk.test", "password": {"x": 1}}, "password"),
        ({"email": "do\x00ra@desk.test", "password": "x"}, "email"),
        ({"email": "dora@desk.test", "password": "x" * 129}, "password"),
    ],
)
def test_bad_values_are_named(db, api, body, field):
    answer = api.post(URL, body)

    assert answer.status_code == 400
    assert field in answer.json()["fields"]
    assert answer.json()["error"].startswith(field) or "email" in answer.json()["error"]


@pytest.mark.parametrize(
    "raw", [b"[]", b"null", b"1", b'"x"', b"{", b"\xff", b'{"email": "\\ud800"}']
)
def test_a_body_that_is_no_object_is_refused(db, api, raw):
    answer = api.post(URL, raw, content_type="application/json")

    assert answer.status_code == 400
    assert answer.json()["error"]
