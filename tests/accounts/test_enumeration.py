"""Whether an address is known is told by nothing: status, body, headers, statements, letters."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import CustomUser, Letter
from tests import mails
from tests.accounts.steps import OTHER, ask_reset, register, resend, verify
from tests.factories import make_user

# What differs from one answer to the next, whoever asks.
UNEQUAL_HEADERS = {"X-Request-ID", "X-RateLimit-Remaining"}
CALLS = {
    "registration": lambda email: register(username="fresh", email=email, password=OTHER),
    "resend": resend,
    "reset": ask_reset,
}

pytestmark = pytest.mark.django_db


@pytest.fixture
def addresses(desk) -> dict[str, str]:
    """An address of every sort that we can know, and one that nobody has."""
    register(username="waiting", email="pending@home.test")
    make_user("linked", group=desk.group, verified=False)
    make_user("gone", is_active=False)
    make_user("mixed")
    CustomUser.objects.filter(username="mixed").update(email="Mixed@Desk.test")
    mails.arriving()
    return {
        "unknown": "nobody@home.test",
        "pending": "pending@home.test",
        "verified": "ana@desk.test",
        "coach": "cora@desk.test",
        "unverified": "linked@desk.test",
        "deactivated": "gone@desk.test",
        "mixed case": "MIXED@desk.test",
    }


def shape(sql: str) -> str:
    """Return a statement without its values."""
    sql = re.sub(r"'(?:[^']|'')*'(::\w+)?", "?", sql)
    sql = re.sub(r'"s\d+_x\d+"|"_?trans?\w*_x?\d+"', "s", sql)
    return re.sub(r"\b\d+\b", "?", sql)


@pytest.mark.parametrize("call", CALLS)
def test_answers_and_statements_are_equal(addresses, call):
    answers, statements = {}, {}
    for sort, email in addresses.items():
        with CaptureQueriesContext(connection) as context:
            answer = CALLS[call](email)
        answers[sort] = (
            answer.status_code,
            answer.content,
            sorted((name, value) for name, value in answer.items() if name not in UNEQUAL_HEADERS),
            sorted(answer.cookies),
        )
        statements[sort] = [shape(query["sql"]) for query in context.captured_queries]
        if call == "registration":  # the name is free again
            CustomUser.objects.filter(username="fresh").update(username=f"was-{sort}")

    for sort in addresses:
        assert answers[sort] == answers["unknown"], sort
        assert statements[sort] == statements["unknown"], sort
    assert answers["unknown"][0] == (201 if call == "registration" else 200)


@pytest.mark.parametrize("call", ["resend", "reset"])
def test_the_request_looks_nobody_up(addresses, call):
    with CaptureQueriesContext(connection) as context:
        CALLS[call]("ana@desk.test")

    touched = " ".join(query["sql"] for query in context.captured_queries)
    assert "accounts_customuser" not in touched
    assert "account_emailaddress" not in touched


@pytest.mark.parametrize("call", CALLS)
def test_every_address_is_owed_one_letter(addresses, call):
    owed = Letter.objects.count()
    for number, email in enumerate(addresses.values(), start=1):
        CALLS[call](email)
        assert Letter.objects.count() == owed + number


def test_a_name_tried_twice_does_not_tell_whether_the_first_address_is_known(desk):
    """The name of a registration that nobody verified is free for the next one."""
    for email in ("nobody@home.test", "ana@desk.test"):
        assert register(username="probe", email=email).status_code == 201
        assert register(username="probe", email=f"other-{email}").status_code == 201
        assert register(username="PROBE", email=email).status_code == 201


def test_a_taken_name_is_taken_for_every_address(addresses):
    answers = [register(username="ana", email=email) for email in addresses.values()]

    assert {answer.status_code for answer in answers} == {400}
    assert len({answer.content for answer in answers}) == 1


def test_mails_are_what_differs(addresses):
    for email in addresses.values():
        register(username=f"n{len(email)}", email=email)
        resend(email)
        ask_reset(email)

    subjects: dict[str, list[str]] = {}
    for mail in mails.arriving():
        subjects.setdefault(mail.to.lower(), []).append(mail.subject)
    confirm, known, reset = (
        "Confirm your e-mail address", "You already have a log-in", "Choose a new password",
    )  # fmt: skip
    assert subjects == {
        "nobody@home.test": [confirm, confirm, reset],
        "pending@home.test": [confirm, confirm, reset],
        "ana@desk.test": [known, reset],
        "cora@desk.test": [known, reset],
        "linked@desk.test": [known, confirm, reset],
        "mixed@desk.test": [known, reset],
    }
    assert verify("0" * 64).status_code == 400
