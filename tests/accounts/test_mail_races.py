"""Many at once: a key has one winner, a letter one worker, an address one owner."""

from collections import Counter

import pytest
from django.contrib.auth.hashers import check_password
from django.core import mail

from accounts import letters
from accounts.models import CustomUser, Letter
from accounts.tasks import send_letters
from common import clock
from tests import mails
from tests.accounts.steps import (
    EMAIL,
    OTHER,
    PASSWORD,
    confirm,
    log_in,
    register,
    reset_link,
    verify,
)
from tests.at_once import CALLERS
from tests.factories import make_user

ROUNDS, FEWER = 50, 20

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


@pytest.fixture(autouse=True)
def no_limits(settings):
    settings.LIMITS = dict.fromkeys(settings.LIMITS, "99999/1h")


def test_of_many_uses_of_a_key_exactly_one_verifies(at_once):
    for number in range(ROUNDS):
        register(username=f"racer{number}", email=f"racer{number}@home.test")
        key = mails.only().query["key"]

        statuses = at_once(lambda _, key=key: verify(key).status_code)

        assert sorted(statuses) == [200] + [400] * (CALLERS - 1)


def test_of_many_uses_of_a_token_exactly_one_sets_its_password(at_once):
    user = make_user("racer", password=PASSWORD)
    for number in range(ROUNDS):
        link = reset_link(user.email)

        statuses = at_once(
            lambda caller, link=link, number=number: (
                confirm(link, f"{OTHER} {number} {caller}").status_code
            )
        )

        assert sorted(statuses) == [200] + [400] * (CALLERS - 1)
        winner = statuses.index(200)
        user.refresh_from_db()
        assert check_password(f"{OTHER} {number} {winner}", user.password)


def test_nobody_slips_a_password_under_a_verification(at_once):
    """The log-in that a key verifies is the one that was mailed about, or the key is dead."""
    seen = Counter()
    for number in range(FEWER):
        email = f"victim{number}@home.test"
        register(username=f"victim{number}", email=email, password=PASSWORD)
        key = mails.only().query["key"]

        status = at_once(
            lambda caller, key=key, email=email: (
                (
                    register(username=email, email=email, password=OTHER) if caller else verify(key)
                ).status_code
            ),
            callers=2,
        )[0]

        seen[status] += 1
        assert log_in(email, OTHER).status_code == (401 if status == 200 else 403)
        assert log_in(email, PASSWORD).status_code == (200 if status == 200 else 401)
        mails.arriving()
    assert set(seen) <= {200, 400}


def test_nobody_slips_a_password_under_a_reset(at_once):
    for number in range(FEWER):
        email = f"victim{number}@home.test"
        register(username=f"victim{number}", email=email, password="yet another one")
        link = reset_link(email)

        status = at_once(
            lambda caller, link=link, email=email: (
                (
                    register(username=email, email=email, password=OTHER)
                    if caller
                    else confirm(link, PASSWORD)
                ).status_code
            ),
            callers=2,
        )[0]

        assert log_in(email, OTHER).status_code == (401 if status == 200 else 403)
        assert log_in(email, PASSWORD).status_code == (200 if status == 200 else 401)


def test_a_key_verifies_the_registration_that_its_mail_names(at_once):
    for number in range(FEWER):
        email = f"victim{number}@home.test"
        register(username=f"victim{number}", email=email)

        at_once(
            lambda caller, number=number, email=email: (
                register(username=f"thief{number}", email=email) if caller else send_letters()
            ),
            callers=2,
        )

        for arrived in mails.arriving():
            if verify(arrived.query["key"]).status_code == 200:
                user = CustomUser.objects.get(email=email)
                assert f'"{user.username}"' in arrived.text


def test_many_registrations_of_one_address_are_one_log_in(at_once):
    for _ in range(5):
        answers = at_once(lambda caller: register(username=f"racer{caller}"))

        assert {answer.status_code for answer in answers} == {201}
        user = CustomUser.objects.get(email=EMAIL)
        arrived = mails.arriving()
        assert {mail.subject for mail in arrived} == {"Confirm your e-mail address"}
        assert all(f'"{user.username}"' in mail.text for mail in arrived)


def test_many_registrations_of_one_name_all_succeed(at_once):
    answers = at_once(lambda caller: register(email=f"racer{caller}@home.test"))

    assert {answer.status_code for answer in answers} == {201}
    names = list(CustomUser.objects.values_list("username", flat=True))
    assert len(set(names)) == CALLERS
    assert names.count("nora") == 1


def test_two_workers_send_each_letter_once(at_once):
    people = [make_user(f"reader{number}") for number in range(40)]
    for user in people:
        letters.write("password_changed", email=user.email, at=clock.now())

    at_once(lambda _: send_letters(), callers=2)

    assert sorted(one.to[0] for one in mail.outbox) == sorted(user.email for user in people)
    assert set(Letter.objects.values_list("outcome", "tries")) == {("sent", 1)}
