"""The nightly sweep: what is over goes, in batches; all else stays."""

from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress, EmailConfirmation
from django.contrib.sessions.models import Session as ConsoleSession
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken

from accounts import limits, retention
from accounts.models import Letter, Session, Tries
from accounts.sessions import open_session, renew
from accounts.tasks import prune_accounts
from tests.factories import AT, make_user

DAY = timedelta(days=1)
MONTH = timedelta(days=30)
TABLES = 6


@pytest.fixture(autouse=True)
def now():
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def few_at_once(monkeypatch):
    monkeypatch.setattr(retention, "AT_ONCE", 3)


def make_tokens(user, number: int, *, expires_at=AT - 2 * DAY, spent: bool = True) -> None:
    for _ in range(number):
        token = OutstandingToken.objects.create(
            user=user, jti=f"{OutstandingToken.objects.count()}", token="", expires_at=expires_at
        )
        if spent:
            BlacklistedToken.objects.create(token=token)


def make_letter(at, *, done: bool) -> Letter:
    return Letter.objects.create(
        kind="reset", email="x@desk.test", created_at=at, due_at=at, done_at=at if done else None
    )


def kept(model, *columns: str) -> set:
    return set(model.objects.values_list(*columns, flat=len(columns) == 1))


def test_spent_and_expired_tokens_go_and_living_ones_stay(desk):
    make_tokens(desk.ana, 2)
    make_tokens(None, 1, spent=False)
    pair = open_session(desk.ana, at=AT)
    successor = renew(pair.refresh_token, address="127.0.0.1", at=AT)

    retention.prune(at=AT)

    assert OutstandingToken.objects.count() == 2
    assert BlacklistedToken.objects.count() == 1
    assert renew(successor.refresh_token, address="127.0.0.1", at=AT).access_token


def test_a_token_keeps_its_row_a_day_longer_than_it_lives(desk):
    make_tokens(desk.ana, 1, expires_at=AT - DAY)

    assert retention.prune(at=AT) == 0
    assert retention.prune(at=AT + timedelta(seconds=1)) == 1


def test_sessions_are_kept_a_month_after_their_end(desk):
    def session(opened, ended=None, days=30) -> Session:
        return Session.objects.create(
            user=desk.ana, opened_at=opened, expires_at=opened + timedelta(days), ended_at=ended
        )

    stay = [
        session(AT),
        session(AT - 59 * DAY),
        session(AT - 29 * DAY, ended=AT - 29 * DAY),
        session(AT - 40 * DAY, ended=AT - 15 * DAY),
    ]
    session(AT - 61 * DAY)
    session(AT - 35 * DAY, ended=AT - 31 * DAY)

    assert retention.prune(at=AT) == 2
    assert kept(Session, "pk") == {one.pk for one in stay}


def test_counts_of_a_window_that_runs_stay(db):
    limits.spend("login", account="old@desk.test", at=AT - timedelta(hours=1))
    limits.spend("login", account="new@desk.test", at=AT - timedelta(minutes=1))

    assert retention.prune(at=AT) == 1
    assert Tries.objects.get().ends_at > AT


def test_letters_that_are_owed_stay_however_old(db):
    owed, recent = make_letter(AT - 2 * MONTH, done=False), make_letter(AT - MONTH, done=True)
    make_letter(AT - MONTH - DAY, done=True)

    assert retention.prune(at=AT) == 1
    assert kept(Letter, "pk") == {owed.pk, recent.pk}


def test_keys_of_addresses_and_console_sessions_go_when_expired(db):
    address = EmailAddress.objects.get(user=make_user("eve"))
    for key, sent in (("old", AT - 4 * DAY), ("new", AT - 2 * DAY), ("lost", None)):
        EmailConfirmation.objects.create(
            email_address=address, key=key, sent=sent, created=sent or AT - 5 * DAY
        )
    for key, ends in (("over", AT - DAY), ("open", AT + DAY)):
        ConsoleSession.objects.create(session_key=key, session_data="", expire_date=ends)

    assert retention.prune(at=AT) == 3
    assert kept(EmailConfirmation, "key") == {"new"}
    assert kept(ConsoleSession, "session_key") == {"open"}


def test_the_sweep_goes_in_batches_of_counted_statements(
    desk, few_at_once, django_assert_num_queries, caplog
):
    make_tokens(desk.ana, 7)
    make_letter(AT - 2 * MONTH, done=True)
    # Tokens: 3 batches of keys, savepoint, two deletes, savepoint. Letters: one, with one delete.
    # Every table is read once more, to find nothing.
    with django_assert_num_queries(3 * 5 + 4 + TABLES):
        assert retention.prune(at=AT) == 8

    lines = [line for line in caplog.messages if "token_blacklist_outstandingtoken" in line]
    assert len(lines) == 3
    assert "7" in lines[-1]
    with django_assert_num_queries(TABLES):
        assert retention.prune(at=AT) == 0


def test_tables_with_keys_of_two_parts_go_in_batches_too(db, few_at_once):
    for number in range(10):
        Tries.objects.create(action=f"a{number % 2}", who=str(number), count=1, ends_at=AT - DAY)

    assert retention.prune(at=AT) == 10


def test_what_begins_anew_while_it_is_swept_out_stays(db, monkeypatch):
    Tries.objects.create(action="login.account", who="x", count=9, ends_at=AT - DAY)
    delete = retention._delete

    def late(rows, keys):
        Tries.objects.update(ends_at=AT + DAY)
        return delete(rows, keys)

    monkeypatch.setattr(retention, "_delete", late)

    assert retention.prune(at=AT) == 0
    assert Tries.objects.count() == 1


def test_the_nightly_task_runs_twice_without_harm(desk):
    make_tokens(desk.ana, 2)
    for _ in range(2):
        prune_accounts()
    assert not OutstandingToken.objects.exists()
