"""A forgotten password, and a new one: by mail, and by who knows the old one."""

from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.test import Client
from rest_framework.test import APIClient

from accounts import letters, limits
from accounts.models import CustomUser
from accounts.sessions import Pair, open_session
from audit.models import LogEntry
from common import clock
from tests import mails
from tests.accounts.steps import (
    AUTH,
    OTHER,
    PASSWORD,
    ask_reset,
    change,
    confirm,
    greet,
    log_in,
    register,
    reset_link,
    verify,
)
from tests.factories import make_user

DORA = "dora@desk.test"

pytestmark = pytest.mark.django_db


@pytest.fixture
def dora(desk) -> CustomUser:
    return make_user("dora", group=desk.group, password=PASSWORD)


@pytest.fixture
def session(dora) -> Pair:
    return open_session(dora, at=clock.now())


def renew(pair: Pair):
    return APIClient().post(f"{AUTH}/token/refresh", {"refresh": pair.refresh_token}).status_code


# -- reset --------------------------------------------------------------------------------------
@pytest.mark.parametrize("slash", ["", "/"])
def test_from_the_mail_to_a_login_with_the_new_password(dora, slash):
    assert ask_reset("Dora@desk.test", slash=slash).status_code == 200

    mail = mails.only()
    assert (mail.to, mail.subject) == (DORA, "Choose a new password")
    assert mail.link.startswith("http://localhost:3000/reset-password?uid=")
    assert set(mail.query) == {"uid", "token"}
    assert confirm(mail.query, slash=slash).status_code == 200

    assert log_in(DORA, PASSWORD).status_code == 401
    assert log_in(DORA, OTHER).status_code == 200
    told = mails.only()
    assert (told.to, told.subject) == (DORA, "Your password was changed")


def test_a_reset_ends_every_session(dora, session):
    console = Client()
    console.force_login(dora)
    assert greet(session.access_token) == 200

    confirm(reset_link(DORA))

    assert greet(session.access_token) == 401
    assert renew(session) == 401
    assert not console.get("/").wsgi_request.user.is_authenticated
    assert dora.sessions.get().end_reason == "password"


def test_used_expired_foreign_and_unknown_tokens_are_one_and_the_same(dora, desk):
    used = reset_link(DORA)
    confirm(used)
    fresh = reset_link(DORA)
    foreign = reset_link("ana@desk.test")

    wrong = [
        used,
        {**fresh, "uid": foreign["uid"]},
        {**fresh, "uid": "zzzzzz"},
        {**fresh, "uid": "zzzzzzzzzzzzz"},
        {**fresh, "uid": "\u00fc!"},
        {**fresh, "uid": "0"},
        {**fresh, "token": "x"},
        {**fresh, "token": f"{fresh['token']}x"},
        {**fresh, "token": fresh["token"].split("-")[0] + "-" + "0" * 32},
    ]
    answers = [confirm(link) for link in wrong]
    with time_machine.travel(clock.now() + timedelta(days=3, minutes=1), tick=False):
        answers.append(confirm(fresh))
    desk.ana.is_active = False
    desk.ana.save()
    answers.append(confirm(foreign))

    assert {answer.status_code for answer in answers} == {400}
    assert len({answer.content for answer in answers}) == 1
    assert answers[0].json()["code"] == "dead_key"
    assert list(answers[0].json()["fields"]) == ["token"]
    assert confirm(fresh).status_code == 200


@pytest.mark.parametrize("event", ["a login", "another reset", "a changed address"])
def test_a_token_is_dead_after(dora, event):
    link = reset_link(DORA)
    if event == "a login":
        log_in(DORA)
    elif event == "another reset":
        confirm(reset_link(DORA))
    else:
        CustomUser.objects.filter(pk=dora.pk).update(email="dora@elsewhere.test")

    assert confirm(link).json()["code"] == "dead_key"


def test_a_refused_password_leaves_the_token_good(dora):
    link = reset_link(DORA)

    weak = confirm(link, "dora@desk.test")
    assert weak.status_code == 400
    assert weak.json()["code"] == "weak_password"
    assert list(weak.json()["fields"]) == ["new_password1"]
    assert list(confirm(link, new_password2="x").json()["fields"]) == ["new_password2"]
    assert confirm(link).status_code == 200


@pytest.mark.parametrize("missing", ["uid", "token", "new_password1", "new_password2"])
def test_what_is_missing_is_named(dora, missing):
    answer = confirm({"uid": "1", "token": "x-y"}, **{missing: ""})

    assert answer.status_code == 400
    assert missing in answer.json()["fields"]


def test_who_never_verified_verifies_by_a_reset():
    register()
    key = mails.only().query["key"]

    assert confirm(reset_link()).status_code == 200

    assert log_in(password=OTHER).status_code == 200
    assert verify(key).json()["code"] == "dead_key"
    assert LogEntry.objects.filter(changes__has_key="email_verified").count() == 1


def test_the_owner_of_an_address_that_somebody_else_registered_takes_it_over():
    register(username="thief", password=PASSWORD)

    confirm(reset_link())

    assert log_in(password=PASSWORD).status_code == 401
    assert log_in(password=OTHER).status_code == 200


def test_only_the_own_address_counts_as_verified(dora):
    EmailAddress.objects.create(user=dora, email="old@home.test", verified=False)

    confirm(reset_link(DORA))

    assert not EmailAddress.objects.filter(email="old@home.test", verified=True).exists()
    assert ask_reset("old@home.test").status_code == 200
    assert [mail.subject for mail in mails.arriving()] == ["Your password was changed"]


def test_who_has_no_password_yet_may_choose_one(desk):
    user = make_user("newcomer", group=desk.group)
    letters.write("invitation", email=user.email, at=clock.now())

    mail = mails.only()
    assert mail.subject == "Your log-in is ready: choose a password"
    assert confirm(mail.query).status_code == 200
    assert log_in(user.email, OTHER).status_code == 200

    letters.write("invitation", email=user.email, at=clock.now())
    assert [mail.subject for mail in mails.arriving()] == ["Your password was changed"]


def test_nobody_mails_the_deactivated_and_the_unknown(dora):
    CustomUser.objects.filter(pk=dora.pk).update(is_active=False)

    assert ask_reset(DORA).content == ask_reset("nobody@home.test").content
    assert not mails.arriving()


def test_a_reset_forgives_the_wrong_passwords_before_it(dora, settings):
    settings.LIMITS = {**settings.LIMITS, "login.account": "2/15m"}
    assert [log_in(DORA, "wrong").status_code for _ in range(3)] == [401, 401, 429]

    confirm(reset_link(DORA))

    assert log_in(DORA, OTHER).status_code == 200
    assert limits.locked("login", account=DORA, at=clock.now()) is None


# -- change -------------------------------------------------------------------------------------
@pytest.mark.parametrize("slash", ["", "/"])
def test_a_changed_password_ends_every_session_and_is_told(dora, session, slash):
    other = open_session(dora, at=clock.now())

    assert change(session.access_token, slash=slash).status_code == 200

    assert [greet(pair.access_token) for pair in (session, other)] == [401, 401]
    assert [renew(pair) for pair in (session, other)] == [401, 401]
    assert log_in(DORA, PASSWORD).status_code == 401
    assert log_in(DORA, OTHER).status_code == 200
    assert mails.only().subject == "Your password was changed"


def test_a_change_kills_the_links_of_a_reset(dora, session):
    link = reset_link(DORA)

    change(session.access_token)

    assert confirm(link).json()["code"] == "dead_key"


@pytest.mark.parametrize(
    ("given", "field", "code"),
    [
        ({"old_password": "wrong"}, "old_password", "wrong_password"),
        ({"old_password": ""}, "old_password", None),
        ({"new_password1": "x", "new_password2": "x"}, "new_password1", "weak_password"),
        ({"new_password2": "x"}, "new_password2", None),
        ({"new_password1": 1}, "new_password1", None),
    ],
)
def test_a_bad_change_names_the_field_and_changes_nothing(dora, session, given, field, code):
    answer = change(session.access_token, **given)

    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == [field]
    assert answer.json().get("code") == code
    assert greet(session.access_token) == 200
    assert not mails.arriving()


def test_a_change_needs_a_login(db):
    assert change("nothing").status_code == 401


# -- both ---------------------------------------------------------------------------------------
def test_deeds_are_written_down_without_values(dora, session):
    change(session.access_token)
    confirm(reset_link(DORA))

    rows = LogEntry.objects.filter(action="password").order_by("id")
    assert (
        list(rows.values_list("scope", "entity_id", "user_email"))
        == [("user_management", dora.pk, DORA)] * 2
    )
    assert all(row.changes == {"source": {"old": None, "new": "api"}} for row in rows)


def test_tries_are_limited(dora, session, settings):
    link = reset_link(DORA)
    settings.LIMITS = {
        **settings.LIMITS, "reset.account": "1/1h", "reset.address": "3/1h",
        "confirm.account": "1/1h", "confirm.address": "4/1h", "password.account": "1/1h",
    }  # fmt: skip

    asked = [ask_reset(email) for email in ("ana@desk.test", "Ana@DESK.test", "x@x.test")]
    assert [answer.status_code for answer in asked] == [200, 429, 429]
    # A wrong token is not counted for the user.
    bad = [confirm({**link, "token": "x-y"}), confirm({**link, "token": "x-z"})]
    weak = [confirm(link, "short"), confirm(link, "short")]
    assert [answer.status_code for answer in bad + weak] == [400, 400, 400, 429]
    assert confirm({**link, "token": "x-y"}).json()["code"] == "too_many_tries"
    assert [change(session.access_token, old="x").status_code for _ in range(2)] == [400, 429]
