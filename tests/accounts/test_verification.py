"""Verify an address: a key works once, for three days, and for the last registration only."""

from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress, EmailConfirmation

from accounts.models import CustomUser
from common import clock
from tests import mails
from tests.accounts.steps import AUTH, EMAIL, log_in, register, resend, verify
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def registered() -> str:
    """Register; return the key that was mailed."""
    assert register().status_code == 201
    return mails.only().query["key"]


def test_used_expired_replaced_and_unknown_keys_are_one_and_the_same():
    used = registered()
    assert verify(used).status_code == 200
    register(username="late", email="late@home.test")
    expired = mails.only().query["key"]
    register(username="gone", email="gone@home.test")
    gone = mails.only().query["key"]
    CustomUser.objects.filter(username="gone").update(is_active=False)

    answers = [verify(used), verify(gone), verify("0" * 64), verify("\u00fc")]
    with time_machine.travel(clock.now() + timedelta(days=3, minutes=1), tick=False):
        answers.append(verify(expired))

    assert {answer.status_code for answer in answers} == {400}
    assert len({answer.content for answer in answers}) == 1
    assert answers[0].json()["code"] == "dead_key"
    assert list(answers[0].json()["fields"]) == ["key"]


def test_a_key_lives_three_days():
    key = registered()

    with time_machine.travel(clock.now() + timedelta(days=2, hours=23), tick=False):
        assert verify(key).status_code == 200


@pytest.mark.parametrize("body", [{}, {"key": ""}, {"key": 1}, {"key": "x" * 129}, {"key": "\x00"}])
def test_a_key_is_text(api, body):
    answer = api.post(f"{AUTH}/registration/verify-email", body)

    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == ["key"]
    assert "code" not in answer.json()


@pytest.mark.parametrize("slash", ["", "/"])
def test_another_mail_on_demand(slash):
    first = registered()

    assert resend("NORA@home.test", slash=slash).status_code == 200
    second = mails.only().query["key"]
    assert first != second
    assert verify(first).status_code == 200  # an older one is as good
    assert verify(second).json()["code"] == "dead_key"
    assert log_in().status_code == 200


def test_no_other_mail_for_the_unknown_the_verified_and_the_deactivated(desk):
    make_user("eve", verified=False, is_active=False)

    for email in ("nobody@home.test", "ana@desk.test", "eve@desk.test"):
        assert resend(email).status_code == 200

    assert not mails.arriving()


def test_who_has_no_row_of_allauth_gets_a_key_too(desk):
    make_user("eve", group=desk.group, password="correct horse battery", verified=False)

    resend("eve@desk.test")

    assert verify(mails.only().query["key"]).status_code == 200
    assert log_in("eve@desk.test").status_code == 200


def test_who_was_written_with_capitals_gets_a_good_key(desk):
    user = make_user("eve", group=desk.group, verified=False)
    CustomUser.objects.filter(pk=user.pk).update(email="Eve@Desk.test")
    EmailAddress.objects.create(user=user, email="Eve@Desk.test", primary=True)

    resend("eve@desk.test")

    assert verify(mails.only().query["key"]).status_code == 200
    assert EmailAddress.objects.get(user=user).verified


def test_an_address_that_was_once_another_users_belongs_to_who_verifies_it(desk):
    EmailAddress.objects.create(user=desk.ana, email=EMAIL, verified=True)

    assert verify(registered()).status_code == 200

    assert EmailAddress.objects.get(email=EMAIL).user.username == "nora"
    assert EmailAddress.objects.get(user=desk.ana).email == "ana@desk.test"


def test_a_key_is_kept_for_the_verification_only():
    verify(registered())

    assert not EmailConfirmation.objects.exists()


def test_tries_are_limited(settings):
    settings.LIMITS = {
        **settings.LIMITS, "verification.address": "2/1h",
        "resend.account": "1/1h", "resend.address": "2/1h",
    }  # fmt: skip

    assert [verify("x").status_code for _ in range(3)] == [400, 400, 429]
    assert [resend(email).status_code for email in ("a@x.test", "A@x.test", "b@x.test")] == [
        200, 429, 429,
    ]  # fmt: skip
