"""What of a deed goes into the log."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from accounts.models import CustomUser
from audit.actions import record
from audit.deeds import deeds
from audit.models import LogEntry
from audit.values import LONGEST_TEXT, changed, facts, value
from futures.models import FxRate
from tests.factories import AT, make_account, make_trader, make_user
from traders.models import Group


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (None, None),
        (True, True),
        (7, 7),
        (1.5, 1.5),
        (float("nan"), "nan"),
        (float("-inf"), "-inf"),
        (Decimal("2.50"), "2.50"),
        (datetime(2026, 3, 1, 12, tzinfo=timezone(timedelta(hours=2))), "2026-03-01T10:00:00Z"),
        (datetime(2026, 3, 1, 12, 0, 0, 5, tzinfo=UTC), "2026-03-01T12:00:00.000005Z"),
        (date(2026, 3, 1), "2026-03-01"),
        ("a\x00b", "ab"),
        ("\ud800", "?"),
        ("x" * (LONGEST_TEXT + 1), "x" * (LONGEST_TEXT - 1) + "…"),
        ({"a": {Decimal(1)}}, {"a": ["1"]}),
        (Group(pk=3), 3),
        (b"x", "b'x'"),
    ],
)
def test_values_are_json(given, told):
    assert value(given) == told


def test_a_row_tells_its_columns_foreign_keys_as_ids(desk):
    assert facts(desk.ana) == {
        "username": "ana",
        "first_name": "",
        "last_name": "",
        "email": "ana@desk.test",
        "is_superuser": False,
        "is_staff": False,
        "is_active": True,
        "is_admin": False,
        "opt_out": False,
        "group": desk.group.pk,
        "trader": desk.ana.trader_id,
    }
    account = make_account(make_trader(desk.group), "A1")
    assert facts(account) == {
        "trader": account.trader_id,
        "platform": account.platform_id,
        "environment": "ext_prod_live",
        "account": "A1",
        "name": "",
        "is_sim": False,
    }
    rate = FxRate(currency="EUR", day=date(2026, 3, 1), usd_per_unit=Decimal("1.10"), source="x")
    assert facts(rate) == {
        "currency": "EUR", "day": "2026-03-01", "usd_per_unit": "1.10", "source": "x",
    }  # fmt: skip


def test_between_two_states_every_difference_counts_at_the_ends_what_says_something():
    assert changed({"a": 1, "b": ""}, {"a": 0, "b": ""}) == {"a": (1, 0)}
    assert changed(None, {"a": 1, "b": "", "c": False, "d": None}) == {"a": (None, 1)}
    assert changed({"a": 1, "b": ""}, None) == {"a": (1, None)}


USER = facts(CustomUser(username="ana", email="ana@desk.test", is_active=True))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, []),
        ({"trader_id": 7}, ["link"]),
        ({"group_id": 7}, ["group"]),
        ({"opt_out": True}, ["opt_out"]),
        ({"is_active": False}, ["deactivate"]),
        ({"is_admin": True}, ["role"]),
        ({"is_staff": True, "is_superuser": True}, ["role"]),
        ({"email": "x@desk.test", "first_name": "Ana"}, ["update"]),
        ({"email": "x@desk.test", "trader_id": 7, "group_id": 2}, ["update", "group", "link"]),
    ],
)
def test_deeds_of_a_user(change, expected):
    given = {"username": "ana", "email": "ana@desk.test", "is_active": True} | change
    after = facts(CustomUser(**given))
    assert list(deeds("custom_user", USER, after)) == expected
    back = {"link": "unlink", "deactivate": "activate"}
    assert list(deeds("custom_user", after, USER)) == [back.get(one, one) for one in expected]


def test_deeds_of_places():
    assert list(deeds("trader", {"is_archived": False}, {"is_archived": True})) == ["archive"]
    assert list(deeds("group", {"is_archived": True}, {"is_archived": False})) == ["restore"]
    assert list(deeds("trader", {"group": 1}, {"group": 2})) == ["group"]
    assert list(deeds("trader_platform", {"trader": 1}, {"trader": 2})) == ["move"]
    assert deeds("group", None, {"name": "A", "min_cohort": 0}) == {"create": {"name": (None, "A")}}
    assert deeds("group", {"name": "A"}, None) == {"delete": {"name": ("A", None)}}


@pytest.mark.django_db
def test_nothing_that_is_told_makes_a_record_impossible():
    record(
        scope="user_management", action="update", entity=("trader", 1), by="\x00" + "é" * 5000,
        at=AT, name=("\x00\ud800", "x" * 100_000), number=(float("nan"), 10**40),
        many=(None, list(range(5000))), deep=(None, {"a\x00": [{"b": object()}]}),
    )  # fmt: skip

    entry = LogEntry.objects.get()
    assert len(entry.user_email) == 254
    assert entry.changes["name"]["old"] == "?"
    assert len(entry.changes["name"]["new"]) == LONGEST_TEXT
    assert entry.changes["number"] == {"old": "nan", "new": 10**40}
    assert len(entry.changes["many"]["new"]) == 1000
    assert list(entry.changes["deep"]["new"]) == ["a"]


@pytest.mark.django_db
def test_a_password_or_a_token_never_gets_in_whoever_asks_for_it():
    record(
        scope="user_management", action="update", entity=("custom_user", 1), by="", at=AT,
        password=("a", "b"), new_password1=("a", "b"), refresh_token=("a", "b"),
        sealed_secret=("a", "b"), name=("a", "b"),
    )  # fmt: skip

    assert list(LogEntry.objects.get().changes) == ["name"]


@pytest.mark.django_db
def test_the_log_outlives_whom_it_tells_of(desk):
    user = make_user("gone", group=desk.group, trader=make_trader(desk.group, accounts=0))
    trader = user.trader
    record(
        scope="authentication", action="login", entity=("custom_user", user.pk), by=user.email,
        at=AT, trader_id=trader.pk, source=(None, "api"),
    )  # fmt: skip
    of = {"entity_id": user.pk, "trader_id_snapshot": trader.pk, "user_email": user.email}
    user.delete()
    trader.delete()

    assert LogEntry.objects.filter(**of).exists()
