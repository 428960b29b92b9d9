"""The days on which candles are due are found by looking bars up, however many there are."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from django.db import connection

from futures.bars import BarColumns
from ledger.actions import record_bars
from ledger.candles.todo import Due, days_of
from ledger.due import ALWAYS
from ledger.fold.facts import number_of
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
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    asked = []

    def keep_what_is_asked(execute, sql, params, many, context):
        asked.append((sql, params))
        return execute(sql, params, many, context)

    dues = [Due(0, account.pk, None, ALWAYS, None) for account in accounts]
    with connection.execute_wrapper(keep_what_is_asked):
        found = days_of(dues)
    assert found == [list(range(FIRST, FIRST + DAYS + 1))] * len(accounts)
    ((sql, params),) = asked
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {sql}", params)
        (plan,) = cursor.fetchone()[0]
    assert touched(plan["Plan"]) < 100 * len(accounts) * DAYS
