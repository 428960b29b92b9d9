"""What tells of past days ends with every change to one of them, and outlives today's growth."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine

from ledger.actions import record_fills, refold_accounts
from ledger.models import DayResult, FeeSchedule, Trade
from tests.ledger.conftest import NS

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
TODAY = NOON.date()


def versions(books):
    books.account.refresh_from_db()
    return books.account.books_version, books.account.settled_version


def told(before: date):
    """Return what a reading of the days before one may tell of."""
    trades = Trade.objects.filter(closed_on__lt=before).order_by("pk")
    days = DayResult.objects.filter(day__lt=before).order_by("account", "day", "contract")
    return list(trades.values()), list(days.values())


@pytest.fixture
def record(books):
    """Return a way to report fills at an instant; it says by how much both versions grew."""

    def at(moment, *fills, began=None):
        was = versions(books)
        with time_machine.travel(moment, tick=False):
            assert record_fills(fills, at=began or moment).new
        return tuple(new - old for new, old in zip(versions(books), was, strict=True))

    return at


def test_growth_of_today_leaves_it_and_all_else_raises_it(books, record):
    assert record(NOON, books.buy(at="2026-03-10 10:00:00")) == (1, 0)
    assert record(NOON, books.sell(at="2026-03-10 11:00:00", price="5001")) == (1, 0)
    assert record(NOON, books.buy(at="2026-03-09 11:00:00")) == (1, 1)
    late = record(NOON, books.sell(at="2026-03-09 10:00:00", exec_id="late"))
    assert late == (1, 1)
    bust = books.fill(-1, action="cancel", ref_exec_id="late", at="2026-03-10 11:30:00")
    assert record(NOON, bust) == (1, 1)
    was = versions(books)
    refold_accounts([books.account.id], at=NOON)  # other terms
    assert versions(books) == (was[0] + 1, was[1] + 1)


def test_a_trade_of_yesterday_that_closes_today_is_growth(books, record):
    record(NOON - timedelta(days=1), books.buy(at="2026-03-09 11:00:00"))
    assert record(NOON, books.sell(at="2026-03-10 11:00:00")) == (1, 0)


def test_other_fees_in_a_fold_of_today_raise_it(books, record):
    record(NOON - timedelta(days=1), books.buy(at="2026-03-09 11:00:00"))
    FeeSchedule.objects.create(
        group=books.account.trader.group, product=books.es.product, from_day=date(2026, 3, 1),
        per_side=Decimal("1.05"),
    )  # fmt: skip
    assert record(NOON, books.sell(at="2026-03-10 11:00:00")) == (1, 1)


@pytest.mark.parametrize(
    ("clock", "began", "raised"),
    [
        ("22:59:59", "22:59:59", 0),
        ("23:00:00", "23:00:00", 1),  # it may end after midnight, when the day is told
        ("23:30:00", "12:00:00", 1),  # so may a long import
    ],
)
def test_in_the_last_hour_nothing_is_growth(books, record, clock, began, raised):
    moment, begin = (
        datetime.combine(TODAY, datetime.strptime(one, "%H:%M:%S").time(), UTC)  # noqa: DTZ007
        for one in (clock, began)
    )
    fill = books.buy(at="2026-03-10 10:00:00")
    assert record(moment, fill, began=begin) == (1, raised)


@pytest.mark.parametrize("seed", range(3))
def test_whatever_is_told_stands_as_long_as_the_version_does(books, record, seed):
    """Fills of three days in any order, corrections and busts among them."""
    chance = random.Random(seed)
    sent: list[str] = []
    kept = 0
    for number in range(25):
        at = NOON - timedelta(seconds=chance.choice([60, 3600, 80_000, 170_000]) + number)
        action, ref = "new", None
        if sent and chance.random() < 0.25:
            action, ref = chance.choice(["correct", "cancel"]), chance.choice(sent)
        exec_id = f"s{number}"
        stamp = int(at.timestamp()) * NS
        before = told(TODAY)
        fill = books.fill(
            chance.choice([1, -1]), chance.randint(1, 2), str(5000 + number), action=action,
            ref_exec_id=ref, exec_id=exec_id, executed_ns=stamp,
        )  # fmt: skip
        _, raised = record(NOON, fill)
        sent.append(exec_id)
        if not raised:
            kept += 1
            assert told(TODAY) == before
    assert kept  # else it says nothing
