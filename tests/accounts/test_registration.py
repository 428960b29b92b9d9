"""Register: a log-in of one's own making."""

import pytest
import time_machine
from django.contrib.auth import hashers

from accounts.models import CustomUser
from audit.models import LogEntry
from common import clock
from tests import mails
from tests.accounts.steps import AUTH, EMAIL, OTHER, PASSWORD, log_in, register, verify
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("slash", ["", "/"])
def test_from_the_form_through_the_mail_to_a_login(slash):
    answer = register(slash=slash)
    assert answer.status_code == 201
    assert list(answer.json()) == ["detail"]
    assert answer["Cache-Control"] == "no-store"
    assert log_in().json()["code"] == "unverified"

    mail = mails.only()
    assert (mail.to, mail.subject) == (EMAIL, "Confirm your e-mail address")
    assert mail.link.startswith("http://localhost:3000/verify-email?key=")
    assert '"nora"' in mail.text
    assert verify(mail.query["key"], slash=slash).status_code == 200

    user = log_in().json()["user"]
    assert (user["username"], user["email"]) == ("nora", EMAIL)
    assert (user["group"], user["trader"], user["is_admin"]) == (None, None, False)


def test_what_is_not_asked_for_is_not_taken():
    register(is_admin=True, is_staff=True, is_superuser=True, group=1, is_active=False)

    user = CustomUser.objects.get()
    assert (user.is_admin, user.is_staff, user.is_superuser, user.group_id) == (
        False, False, False, None,
    )  # fmt: skip
    assert user.is_active


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"username": ""}, "username"),
        ({"username": "two words"}, "username"),
        ({"username": "<b>"}, "username"),
        ({"username": "x" * 151}, "username"),
        ({"username": 7}, "username"),
        ({"username": "a\x00"}, "username"),
        ({"username": None}, "username"),
        ({"email": "nora"}, "email"),
        ({"email": "nora@home.test\nBcc: x@home.test"}, "email"),
        ({"email": "nora@home.test, x@home.test"}, "email"),
        ({"email": "n\u0131ra@home.test"}, "email"),
        ({"email": ["nora@home.test"]}, "email"),
        ({"email": f"{'n' * 250}@home.test"}, "email"),
        ({"email": f"nora@{'h' * 64}.test"}, "email"),
        ({"password": ""}, "password"),
        ({"password": "x" * 129}, "password"),
        ({"password": 12345678}, "password"),
    ],
)
def test_bad_values_are_named(given, field):
    answer = register(**given)

    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == [field]
    assert not CustomUser.objects.exists()
    assert not mails.arriving()


def test_what_is_missing_is_named(api):
    answer = api.post(f"{AUTH}/registration", {})

    assert answer.status_code == 400
    assert set(answer.json()["fields"]) == {"username", "email", "password"}


@pytest.mark.parametrize(
    ("password", "word"),
    [
        ("short1x", "short"),
        ("password1", "common"),
        ("8264013957", "numeric"),
        ("nora@home.test", "similar"),
        ("nora-vandermeer", "similar"),
    ],
)
def test_a_weak_password_is_refused_for_its_reasons(password, word):
    answer = register(username="nora.vandermeer", password=password)

    assert answer.status_code == 400
    assert answer.json()["code"] == "weak_password"
    assert word in " ".join(answer.json()["fields"]["password"])
    assert answer.json()["error"].startswith("password: ")
    assert not CustomUser.objects.exists()


def test_a_weak_password_uses_up_no_try(settings):
    settings.LIMITS = {**settings.LIMITS, "registration.account": "1/1h"}

    assert register(password="short").status_code == 400
    assert register().status_code == 201


@pytest.mark.parametrize("name", ["ana", "ANA", "\uff41\uff4e\uff41"])  # the last one: fullwidth
def test_a_name_that_is_taken_is_refused(desk, name):
    answer = register(username=name)

    assert answer.status_code == 400
    assert answer.json() == {
        "error": "username: This username is taken",
        "fields": {"username": ["This username is taken"]},
        "code": "username_taken",
    }
    assert not mails.arriving()


def test_only_who_is_verified_holds_a_name():
    register(email="first@home.test")
    first = mails.only()
    assert register(username="NORA", email="second@home.test").status_code == 201
    second = mails.only()

    assert verify(second.query["key"]).status_code == 200
    assert verify(first.query["key"]).status_code == 200

    names = dict(CustomUser.objects.values_list("email", "username"))
    assert names["second@home.test"] == "NORA"
    assert names["first@home.test"].startswith("nora-")
    assert register(email="third@home.test").json()["code"] == "username_taken"
    moved = LogEntry.objects.filter(changes__has_key="displaced").get()
    assert moved.changes["displaced"]["old"] == [CustomUser.objects.get(email="first@home.test").pk]


@pytest.mark.parametrize("given", ["Nora@Home.TEST", " nora@home.test ", "\uff4eora@home.test"])
def test_an_address_has_one_spelling(given):
    register(email=given)
    mail = mails.only()
    assert mail.to == EMAIL
    assert verify(mail.query["key"]).status_code == 200

    assert log_in(email=given).status_code == 200
    assert CustomUser.objects.get().email == EMAIL


def test_a_domain_is_what_the_mail_is_routed_by():
    register(email="nora@Stra\u00dfe.test")

    assert mails.only().to == "nora@strasse.test"
    assert CustomUser.objects.get().email == "nora@strasse.test"


def test_the_owner_of_a_known_address_is_told(desk):
    old = desk.ana.password

    answer = register(email="Ana@desk.test")

    assert answer.status_code == 201
    mail = mails.only()
    assert (mail.to, mail.subject) == ("ana@desk.test", "You already have a log-in")
    assert mail.link == "http://localhost:3000"
    assert "nora" not in mail.text
    desk.ana.refresh_from_db()
    assert (desk.ana.username, desk.ana.password) == ("ana", old)
    assert CustomUser.objects.filter(email__iexact="ana@desk.test").count() == 1


@pytest.mark.parametrize("status", ["logged in once", "in a group", "staff", "deactivated"])
def test_an_unverified_log_in_that_is_in_use_is_not_replaced(desk, status):
    given = {
        "logged in once": {"last_login": clock.now()},
        "in a group": {"group": desk.group},
        "staff": {"is_staff": True},
        "deactivated": {"is_active": False},
    }[status]
    user = make_user("eve", password=PASSWORD, verified=False, **given)

    assert register(email="eve@desk.test", password=OTHER).status_code == 201

    user.refresh_from_db()
    assert user.username == "eve"
    assert user.check_password(PASSWORD)
    subjects = [mail.subject for mail in mails.arriving()]
    assert subjects == ([] if status == "deactivated" else ["You already have a log-in"])


def test_a_newer_registration_replaces_one_that_nobody_verified():
    """Who registers another's address first does not choose the password it is verified with."""
    register(username="thief", password=OTHER)
    stale = mails.only()
    register(username="nora", password=PASSWORD)
    fresh = mails.only()

    assert verify(stale.query["key"]).json()["code"] == "dead_key"
    assert verify(fresh.query["key"]).status_code == 200
    assert log_in(password=OTHER).status_code == 401
    assert log_in().json()["user"]["username"] == "nora"
    assert CustomUser.objects.count() == 1


def test_a_letter_that_waits_while_it_is_replaced_carries_no_key_of_the_old_one():
    register(username="thief", password=OTHER)
    register(username="nora", password=PASSWORD)

    for mail in mails.arriving():
        assert '"nora"' in mail.text
    assert CustomUser.objects.get().check_password(PASSWORD)


def test_deeds_are_written_down(desk):
    register()
    register(username="nora2")
    register(email="ana@desk.test", username="nora3")
    verify(mails.arriving()[0].query["key"])

    nora = CustomUser.objects.get(email=EMAIL)
    rows = LogEntry.objects.order_by("id")
    assert list(rows.values_list("scope", "action", "entity_id", "user_email")) == [
        ("user_management", "create", nora.pk, EMAIL),
        ("user_management", "update", nora.pk, EMAIL),
        ("user_management", "registration_refused", desk.ana.pk, "ana@desk.test"),
        ("user_management", "update", nora.pk, EMAIL),
    ]
    made, replaced, refused, verified = (row.changes for row in rows)
    assert made["username"] == {"old": None, "new": "nora"}
    assert made["email"] == {"old": None, "new": EMAIL}
    assert replaced["username"] == {"old": "nora", "new": "nora2"}
    assert verified["email_verified"] == {"old": False, "new": True}
    source = {"source": {"old": None, "new": "api"}}
    assert refused == source
    assert all(changes.items() >= source.items() for changes in (made, replaced, verified))
    assert "password" not in str([made, replaced, refused, verified])


def test_tries_are_limited_by_account_and_by_address(settings, desk):
    settings.LIMITS = {
        **settings.LIMITS, "registration.account": "2/1h", "registration.address": "4/1h",
    }  # fmt: skip
    for email in (EMAIL, "ana@desk.test"):  # an unknown one and a known one
        statuses = [register(email=email).status_code for _ in range(3)]
        assert statuses == [201, 201, 429] if email == EMAIL else [201, 429, 429]
    with time_machine.travel(clock.now().replace(year=2030), tick=False):
        assert register().status_code == 201


def test_one_hash_whoever_has_the_address(desk, monkeypatch):
    made = []
    real = hashers.MD5PasswordHasher.encode

    def counted(*given):
        made.append(1)
        return real(*given)

    monkeypatch.setattr(hashers.MD5PasswordHasher, "encode", counted)
    for email in (EMAIL, EMAIL, "ana@desk.test"):
        made.clear()
        assert register(email=email).status_code == 201
        assert made == [1]
