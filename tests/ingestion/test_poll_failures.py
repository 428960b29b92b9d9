"""Rows that do not fit, accounts that are new, failures and when they are tried again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection as database

from ingestion.actions import quarantine
from ingestion.models import QuarantinedRow, RawFill, Stream
from ingestion.providers.base import (
    Account,
    Action,
    BudgetSpent,
    Misfit,
    ProviderDown,
    Unauthorized,
)
from ledger.models import Fill
from tests.ingestion.fake_provider import (
    NOW,
    FakeProvider,
    feed_of,
    fill,
    make_connection,
    stored,
)
from traders.models import PlatformAccount, Trader

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    return make_connection()


def test_a_repeat_with_other_facts_is_kept_aside_and_counted(desk):
    told = fill(exec_id="same")
    tt = FakeProvider(fills=[told])
    tt.poll()
    tt.fills = [replace(told, price=Decimal(4000), raw={"uniqueExecId": "same", "price": "4000"})]
    tt.later(60)
    tt.later(120)

    row = QuarantinedRow.objects.get()
    assert row.reason == "contradicts the stored execution same"
    assert row.raw["price"] == "4000"
    assert row.times_seen == 2
    assert Fill.objects.get().price == 5000


def test_rows_that_do_not_fit_stop_nothing():
    make_connection(history_from=NOW.date())  # one window
    good = fill()
    tt = FakeProvider(
        fills=[
            good,
            fill(price="NaN"),
            fill(price="0.0000000001"),
            fill(exec_id="a\x00b"),
            fill(account="a\x00b"),
            fill(quantity=0),
            fill(quantity=2**31),
            fill(side=0),
            fill(raw={"name": "\x00", "odd": "\ud800"}),
            fill(action=Action.CANCEL),
        ],
        misfits=[Misfit({"lastPx": "NaN", "id": "\x00"}, "lastPx is not finite: 'NaN\x00'")],
        page_size=100,
    )
    report = tt.poll()

    assert not report.failed
    assert len(stored()) == 2
    assert QuarantinedRow.objects.count() == 9
    assert report.outcomes[1].quarantined == 9
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM ingestion_quarantinedrow WHERE raw::text LIKE '%u0000%'"
        )
        assert cursor.fetchone()[0] >= 2


def test_raw_rows_are_kept_once_and_old_ones_not_at_all():
    make_connection(history_from=date(2025, 11, 1))
    tt = FakeProvider(fills=[fill(NOW - timedelta(days=100)), fill()])
    tt.poll()
    tt.poll(ignore_due=True)

    assert [row.exec_id for row in RawFill.objects.all()] == [tt.fills[1].exec_id]


def test_a_new_account_makes_its_trader_once(desk):
    tt = FakeProvider(
        fills=[fill(account="1002"), fill(account="1003"), fill(account="1004")],
        accounts=[Account("1001", "Ana", is_sim=False)],
        given_up={"1002": Account("1002", "Give-up", is_sim=False)},
    )
    tt.poll()
    tt.accounts.append(Account("1003", "Bo", is_sim=False))
    tt.poll(NOW + timedelta(hours=1))

    names = dict(PlatformAccount.objects.values_list("account", "name"))
    assert names == {"1001": "Ana", "1002": "Give-up", "1003": "Bo", "1004": ""}
    assert Trader.objects.filter(group=desk.group).count() == 4
    assert Trader.objects.get(accounts__account="1004").name == "1004"


def test_accounts_of_a_sim_environment_are_sim():
    make_connection(environment="ext_prod_sim")
    FakeProvider(fills=[fill()]).poll()

    assert PlatformAccount.objects.get().is_sim


@pytest.mark.parametrize(
    ("error", "least", "most"),
    [
        (ProviderDown("503"), 2, 6),
        (ProviderDown("429", retry_after=100), 102, 106),
        (Unauthorized("refused"), 3600, 3600),
        (BudgetSpent("spent", resumes_at=NOW.replace(day=11, hour=0)), 43_230, 43_261),
    ],
)
def test_when_a_failure_is_tried_again(desk, error, least, most):
    def fails(call):
        raise error

    tt = FakeProvider(before=fails)
    tt.poll()

    wait = (feed_of(desk, "accounts").due_at - NOW).total_seconds()
    assert least <= wait <= most + 1


def test_a_refused_key_raises_an_alarm_until_it_works(desk):
    def refused(call):
        raise Unauthorized("the key is refused: check it")

    tt = FakeProvider(before=refused)
    tt.poll()
    desk.refresh_from_db()
    assert desk.alarm == "the key is refused: check it"
    assert tt.asked == ["accounts"]  # the others wait, too

    tt.before = lambda call: None
    tt.poll(NOW + timedelta(hours=2))
    desk.refresh_from_db()
    assert desk.alarm == ""


def test_failures_wait_longer_and_longer(desk):
    def down(call):
        raise ProviderDown("503")

    tt = FakeProvider(before=down)
    now = NOW
    waits = []
    for _ in range(12):
        tt.poll(now, among=[feed_of(desk).pk])
        due_at = feed_of(desk).due_at
        waits.append((due_at - now).total_seconds())
        now = due_at
    assert waits[3] > waits[0]
    assert 30 <= waits[-1] <= 60  # at most two turns are missed once it is back


def test_an_inactive_connection_is_left_alone(desk):
    desk.is_active = False
    desk.save()
    assert FakeProvider().poll().outcomes == []


def test_the_same_misfit_twice_in_one_batch():
    misfit = Misfit({"a": 1}, "no")
    assert quarantine([misfit, misfit], stream=Stream.FILLS, at=NOW) == 1
