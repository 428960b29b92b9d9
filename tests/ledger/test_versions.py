"""What the books said of a trade before it changed can be asked for, at any instant."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from ledger.actions import record_fills
from ledger.history import versions
from ledger.models import PastTrade, Trade
from ledger.rebuild import rebuild
from tests.conftest import NEVER_EMPTIED

pytestmark = pytest.mark.django_db

NINE = datetime(2026, 3, 5, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def pair(books):
    return [
        books.buy(1, "5000", "2026-03-02 10:00:00", exec_id="in"),
        books.sell(1, "5001", "2026-03-02 11:00:00", exec_id="out"),
    ]


def fix(books, exec_id, price, names="out"):
    return books.sell(
        1, price, "2026-03-02 11:00:00", exec_id=exec_id, ref_exec_id=names, action="correct"
    )


def pnls(at):
    return sorted(versions(at).values_list("pnl_usd", flat=True))


def test_a_trade_that_changes_and_changes_back(books, pair):
    record_fills(pair, at=NINE)
    Trade.objects.update(mae_usd=Decimal(-5))  # candles come and go; that is no version
    record_fills([fix(books, "f1", "5003")], at=NINE + HOUR)
    record_fills([fix(books, "f2", "5001")], at=NINE + 2 * HOUR)

    assert [pnls(NINE + hours * HOUR) for hours in (-1, 0, 1, 2, 3)] == [
        [], [50], [150], [50], [50],
    ]  # fmt: skip
    assert pnls(NINE + HOUR - timedelta(microseconds=1)) == [50]
    first, second = PastTrade.objects.order_by("number")
    assert (first.reason, first.replaced_at, first.mae_usd) == ("correction", NINE + HOUR, -5)
    assert (second.booked_at, second.replaced_at) == (NINE + HOUR, NINE + 2 * HOUR)
    assert Trade.objects.get().booked_at == NINE + 2 * HOUR


def test_a_trade_that_vanishes_and_returns(books, pair):
    record_fills(pair, at=NINE)
    late = books.buy(1, "4000", "2026-03-02 09:00:00", exec_id="before")
    record_fills([late], at=NINE + HOUR)  # opens another trade, which stays open
    bust = books.buy(
        1, "4000", "2026-03-02 09:00:00", exec_id="no", ref_exec_id="before", action="cancel"
    )
    record_fills([bust], at=NINE + 2 * HOUR)

    assert [len(pnls(NINE + hours * HOUR)) for hours in range(4)] == [1, 0, 1, 1]
    assert [row.reason for row in PastTrade.objects.order_by("number")] == ["late"]
    assert {row.id for row in versions(NINE)} == {row.id for row in versions(NINE + 2 * HOUR)}


def test_a_flip_is_cut_in_two(books):
    flip = books.sell(2, "5001", "2026-03-02 11:00:00", exec_id="flip")
    record_fills([books.buy(1, "5000", "2026-03-02 10:00:00"), flip], at=NINE)
    record_fills([books.buy(1, "5000", "2026-03-02 12:00:00")], at=NINE + HOUR)
    record_fills([fix(books, "f1", "5002", names="flip")], at=NINE + 2 * HOUR)

    assert [pnls(NINE + hours * HOUR) for hours in range(3)] == [[50], [50, 50], [100]]
    assert PastTrade.objects.count() == 2  # a lot less: the first ends nearer, the second is gone


def test_clocks_that_run_backwards_leave_no_instant_with_two_answers(books, pair):
    record_fills(pair, at=NINE + HOUR)
    record_fills([fix(books, "f1", "5003")], at=NINE)  # by a worker whose clock is slow
    record_fills([fix(books, "f2", "5005")], at=NINE + 2 * HOUR)

    assert [pnls(NINE + hours * HOUR) for hours in range(3)] == [[], [150], [250]]
    for row in PastTrade.objects.all():
        assert row.booked_at <= row.replaced_at


def test_of_two_changes_at_one_instant_the_latter_holds(books, pair):
    record_fills(pair, at=NINE)
    for name, price in (("f1", "5003"), ("f2", "5005")):
        record_fills([fix(books, name, price)], at=NINE)

    assert pnls(NINE) == [250]
    assert pnls(NINE - HOUR) == []
    assert PastTrade.objects.count() == 2


def test_nothing_is_written_where_nothing_changes(books, pair):
    record_fills(pair, at=NINE)
    before = list(Trade.objects.values())
    record_fills(pair, at=NINE + HOUR)
    rebuild(at=NINE + HOUR)
    record_fills([books.buy(1, "1", "2026-03-03 10:00:00")], at=NINE + HOUR)

    assert list(Trade.objects.values()) == before
    assert not PastTrade.objects.exists()


def test_history_is_only_added_to(books, pair):
    record_fills(pair, at=NINE)
    record_fills([fix(books, "f1", "5003")], at=NINE + HOUR)
    for deed in (PastTrade.objects.all().delete, lambda: PastTrade.objects.update(reason="late")):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            deed()


@pytest.mark.parametrize("table", ["ledger_pasttrade", "ledger_restatement"])
def test_history_cannot_be_emptied(table):
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER {NEVER_EMPTIED[table]}")
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            cursor.execute(f"TRUNCATE {table}")
