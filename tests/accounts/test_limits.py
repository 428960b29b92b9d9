"""Strict limits, per account and per address: exact, and in need of nothing but the database."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
import time_machine
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, connection, transaction

from accounts import limits
from accounts.limits import TooManyTries, forgive, give_back, locked, spend
from accounts.models import Tries
from tests.factories import make_user

AT = datetime(2031, 5, 6, 12, tzinfo=UTC)
LOGIN = "/api/v1/auth/login"
ANA, OFFICE = "ana@desk.test", "198.51.100.7"


@pytest.fixture(autouse=True)
def few(settings):
    settings.LIMITS = {**settings.LIMITS, "login.account": "3/15m", "login.address": "5/1h"}


def minutes(count: float) -> datetime:
    return AT + timedelta(minutes=count)


def tries(times: int, *, at: datetime = AT, **whose: str) -> int:
    """Return how many of so many tries of a log-in may be made."""
    made = 0
    for _ in range(times):
        try:
            spend("login", **whose, at=at)
        except TooManyTries:
            continue
        made += 1
    return made


@pytest.mark.parametrize("whose", ["account", "address"])
def test_tries_beyond_the_limit_are_refused_until_the_window_ends(db, whose):
    limit, window = limits.limit_of(f"login.{whose}")

    assert tries(limit + 2, **{whose: "it"}) == limit
    assert tries(1, at=AT + window - timedelta(microseconds=1), **{whose: "it"}) == 0
    assert tries(limit + 2, at=AT + window, **{whose: "it"}) == limit
    assert tries(1, **{whose: "another"}) == 1


def test_a_window_opens_with_the_first_try_and_is_not_lengthened_by_the_others(db):
    assert tries(1, account=ANA) == 1
    assert tries(9, account=ANA, at=minutes(14)) == 2
    assert tries(9, account=ANA, at=minutes(15)) == 3
    assert tries(9, account=ANA, at=minutes(29)) == 0


def test_the_refusal_says_when_to_try_again_and_which_limit_it_was(db):
    tries(3, account=ANA)
    with pytest.raises(TooManyTries) as refused:
        spend("login", account=ANA, address=OFFICE, at=minutes(2.5))

    assert refused.value.sentence == "Too many tries: try again in 13 minutes"
    assert refused.value.headers == {
        "X-RateLimit-Limit": "3",
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset": str(int(minutes(15).timestamp())),
        "Retry-After": "750",
    }
    assert (refused.value.status, refused.value.code) == (429, "too_many_tries")


@pytest.mark.parametrize(
    ("wait", "told"),
    [(0.1, "a minute"), (60, "a minute"), (61, "2 minutes"), (5400, "90 minutes"),
     (5401, "2 hours"), (86_400, "24 hours")],
)  # fmt: skip
def test_the_wait_is_told_in_words(wait, told):
    assert limits._told(timedelta(seconds=wait)) == told


def test_only_the_first_refusal_of_a_window_is_the_first(db):
    tries(3, account=ANA)
    firsts = []
    for _ in range(4):
        with pytest.raises(TooManyTries) as refused:
            spend("login", account=ANA, at=AT)
        firsts.append(refused.value.is_first)

    assert firsts == [True, False, False, False]


def test_an_address_that_is_refused_uses_up_nobodys_tries(db):
    for name in "abcde":
        spend("login", account=name, address=OFFICE, at=AT)

    assert tries(9, account=ANA, address=OFFICE) == 0
    assert not locked("login", account=ANA, at=AT)
    assert tries(9, account=ANA) == 3


def test_an_account_that_is_refused_still_counts_for_its_address(db):
    assert tries(5, account=ANA, address=OFFICE) == 3
    assert tries(1, account="bo@desk.test", address=OFFICE) == 0


def test_every_spelling_of_an_account_is_one(db):
    spellings = (
        ANA,
        "ANA@Desk.Test",
        " ana@desk.test ",
        "\uff41na@desk.test",
        "ana@de\u017fk.test",
    )
    assert tries(1, account=spellings[0]) == 1
    assert sum(tries(1, account=one) for one in spellings[1:]) == 2
    assert Tries.objects.count() == 1


def test_neither_accounts_nor_addresses_are_kept(db):
    spend("login", account=ANA, address=OFFICE, at=AT)

    for known in Tries.objects.all():
        assert "ana" not in known.who
        assert OFFICE not in known.who
        assert len(known.who) == 64


def test_locked_tells_until_when_the_next_try_is_refused(db):
    assert locked("login", account=ANA, at=AT) is None
    tries(2, account=ANA)
    assert locked("login", account=ANA, at=AT) is None
    tries(1, account=ANA)
    assert locked("login", account=ANA.upper(), at=AT) == minutes(15)
    assert locked("login", account=ANA, at=minutes(15)) is None


def test_forgiven_tries_are_forgotten_those_of_others_are_not(db):
    tries(9, account=ANA)
    tries(9, account="bo", address=OFFICE)
    forgive("login", account=ANA.upper())

    assert tries(9, account=ANA) == 3
    assert locked("login", account="bo", at=AT)
    assert tries(1, address=OFFICE) == 0
    forgive("login", address=OFFICE)
    assert tries(1, address=OFFICE) == 1


def test_a_try_that_is_given_back_was_none(db):
    for _ in range(20):
        spend("login", address=OFFICE, at=AT)
        give_back("login", address=OFFICE, at=AT)
    give_back("login", address=OFFICE, at=AT)

    assert tries(9, address=OFFICE) == 5


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_try_inside_a_transaction_that_may_be_undone_is_an_error():
    with pytest.raises(RuntimeError), transaction.atomic():
        spend("login", account=ANA, at=AT)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
@pytest.mark.parametrize("whose", ["account", "address"])
def test_of_many_tries_at_once_exactly_the_limit_may_be_made(whose):
    """50 rounds; every other one meets a window that has just ended."""
    callers = 16
    limit = limits.limit_of(f"login.{whose}").tries

    def attempt(number: int, start: Barrier) -> int:
        start.wait()
        return tries(1, at=minutes(60 * number), **{whose: "it"})

    def leave(together: Barrier) -> None:
        together.wait()
        connection.close()

    with ThreadPoolExecutor(callers) as pool:
        found = []
        for number in range(50):
            start = Barrier(callers)
            made = [pool.submit(attempt, number, start) for _ in range(callers)]
            found.append(sum(one.result() for one in made))
            if number % 2:
                forgive("login", **{whose: "it"})
        list(pool.map(leave, [Barrier(callers)] * callers))
    assert found == [limit] * 50


# -- at the door --------------------------------------------------------------------------------
def log_in(api, password: str = "wrong", **told):
    return api.post(LOGIN, {"email": ANA, "password": password}, **told)


@pytest.fixture
def ana(db):
    return make_user("ana", password="quite a long one")


@pytest.mark.parametrize("store", ["up", "gone", "hung"])
def test_log_in_is_refused_before_the_password_is_looked_at(ana, api, request, store):
    if store != "up":
        request.getfixturevalue(store)
    with time_machine.travel(AT, tick=False):
        assert [log_in(api).status_code for _ in range(3)] == [401] * 3
        refused = log_in(api, "quite a long one")
        assert refused.status_code == 429
        assert refused["Retry-After"] == "900"
        assert refused["X-RateLimit-Limit"] == "3"
        assert refused["X-RateLimit-Remaining"] == "0"
        assert refused["X-RateLimit-Reset"] == str(int(minutes(15).timestamp()))
        assert refused.json() == {
            "error": "Too many tries: try again in 15 minutes",
            "code": "too_many_tries",
        }
        assert log_in(api, HTTP_X_FORWARDED_FOR="1.2.3.4", REMOTE_ADDR="1.2.3.4").status_code == 429
    with time_machine.travel(minutes(15), tick=False):
        assert log_in(api, "quite a long one").status_code == 200


def test_a_client_that_says_where_it_is_from_is_not_believed(db, api):
    found = [
        api.post(
            LOGIN,
            {"email": f"{n}@desk.test", "password": "wrong"},
            HTTP_X_FORWARDED_FOR=f"192.0.2.{n}",
        ).status_code
        for n in range(6)
    ]

    assert found == [401] * 5 + [429]


def test_without_the_database_nothing_is_let_in(db, api, monkeypatch):
    def fail(*_: object) -> None:
        raise OperationalError("gone")

    monkeypatch.setattr(limits, "_count", fail)

    assert log_in(api).status_code == 503


# -- the setting --------------------------------------------------------------------------------
def test_every_limit_makes_sense():
    limits.read_all()
    assert limits.limit_of("login.account") == (3, timedelta(minutes=15))
    assert limits.limit_of("login.address") == (5, timedelta(hours=1))


NONSENSE = [
    "", "10", "10/", "/15m", "0/1h", "10/0m", "-1/1h", "10/15", "10/15w", "10 / 15m", "x/1h",
    "10/15m\n", "\u0661/1h", "9999999999/1h", "1/999999d",
]  # fmt: skip


@pytest.mark.parametrize("text", NONSENSE)
def test_a_limit_that_makes_no_sense_stops_the_start(settings, text):
    settings.LIMITS = {"login.account": text}

    with pytest.raises(ImproperlyConfigured, match=r"login\.account"):
        apps.get_app_config("accounts").ready()


def test_an_action_without_a_limit_is_an_error(db):
    with pytest.raises(ImproperlyConfigured, match=r"nothing\.account"):
        spend("nothing", account=ANA, at=AT)
