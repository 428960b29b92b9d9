"""What is due is found and kept by looking it up, however much else there is."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from django.db import connection

from futures.bars import BarColumns
from ledger.actions import record_bars
from ledger.candles.kept import write
from ledger.candles.made import Excursions, Made
from ledger.candles.todo import Due, days_of
from ledger.due import ALWAYS
from ledger.fold.facts import number_of
from ledger.models import Trade
from tests.factories import make_account
from tests.ledger.test_absurd_rows import touched

pytestmark = pytest.mark.django_db
FIRST, DAYS = number_of(date(2026, 3, 2)), 10
MINUTES = 1440


def test_days_cost_what_was_held_and_not_what_bars_there_are(books):
    """Each night 20 accounts' positions are carried over: each day's bars are sought once."""
    minute = FIRST * MINUTES + np.arange(DAYS * MINUTES)
    price = np.full(len(minute), 5_000_000_000_000)
    record_bars(
        BarColumns(
            contract=np.full(len(minute), books.es.pk), minute=minute,
            open=price, high=price, low=price, close=price, volume=np.ones(len(minute), np.int64),
        )
    )  # fmt: skip
    accounts = [books.account, *(make_account(trader=books.account.trader) for _ in range(19))]
    for account in accounts:
        books.record(
            *(
                deal(1, "5000", f"2026-03-{n + day:02} {time}", account_id=account.pk)
                for n in range(DAYS)
                for deal, day, time in ((books.buy, 2, "22:30:00"), (books.sell, 3, "00:10:00"))
            )
        )
    dues = [Due(0, account.pk, None, ALWAYS, None) for account in accounts]
    with told() as asked:
        found = days_of(dues)
    assert found == [list(range(FIRST, FIRST + DAYS + 1))] * len(accounts)
    ((sql, params),) = asked
    assert work(sql, params) < 100 * len(accounts) * DAYS


def test_what_is_held_without_a_bar_has_no_days_to_seek(books):
    books.record(books.buy(1, "5000", "2026-03-02 22:30:00"))
    due = Due(0, books.account.pk, None, ALWAYS, None)
    with told() as asked:
        assert days_of([due]) == [[FIRST]]
    ((sql, params),) = asked
    assert work(sql, params) < 50


def test_how_far_a_trade_went_is_kept_without_reading_the_accounts_others(books):
    books.record(
        books.buy(1, "5000", "2026-03-02 22:30:00"), books.sell(1, "5001", "2026-03-03 00:10:00")
    )
    one = Trade.objects.get()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_trade SELECT (jsonb_populate_record(t, "
            "jsonb_build_object('id', gen_random_uuid(), 'is_copied', true))).* "
            "FROM ledger_trade t, generate_series(1, 5000)"
        )
    went = Excursions(
        np.array([one.account_id]), np.array([one.id.bytes], "V16"), np.array([-5]), np.array([7])
    )
    with told() as asked:
        write({(one.account_id,): {FIRST}}, Made(set(), None), went)
    one.refresh_from_db()
    assert (one.mae_usd, one.mfe_usd) == (Decimal("-0.000005"), Decimal("0.000007"))
    ((sql, params),) = [(sql, params) for sql, params in asked if "UPDATE ledger_trade" in sql]
    assert work(sql, params) < 20


@contextmanager
def told():
    """Collect the statements of the block and what they are given; the planner knows the tables."""
    asked = []

    def collect(execute, sql, params, many, context):
        asked.append((sql, params))
        return execute(sql, params, many, context)

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    with connection.execute_wrapper(collect):
        yield asked


def work(sql, params):
    """Run it once more, and return how many rows it touches."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {sql}", params)
        (plan,) = cursor.fetchone()[0]
    return touched(plan["Plan"])
