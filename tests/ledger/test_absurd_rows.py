"""Rows that no exchange would send, but a broken provider may: none may stop the others."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest
from django.db import connection, transaction

from ledger import effective
from ledger.models import DayResult, Fill, Position, Trade
from ledger.states import Link, settle_chain
from tests.ledger.conftest import NS, ns
from tests.ledger.test_record_fills import assert_rebuild_agrees

pytestmark = pytest.mark.django_db

LARGEST = Decimal(2**63 - 1).scaleb(-9)
MOST = 2**31 - 1


def test_a_result_beyond_all_measure_is_held_back_and_stops_no_other(books):
    books.record(
        books.buy(MOST, -LARGEST, "2026-03-02 10:00:00"),
        books.sell(MOST, LARGEST, "2026-03-02 10:01:00"),
        books.buy(1, "70", "2026-03-02 10:00:00", contract=books.cl),
        books.sell(1, "71", "2026-03-02 10:02:00", contract=books.cl),
        books.buy(1, "5000", "2026-03-02 10:03:00"),
        books.sell(1, "5001", "2026-03-02 10:04:00"),
    )

    absurd = Trade.objects.get(contract=books.es, quantity=MOST)
    assert absurd.pnl_usd is None
    assert "too large" in absurd.held
    assert sorted(Trade.objects.exclude(pnl_usd=None).values_list("pnl_usd", flat=True)) == [
        50, 1000,
    ]  # fmt: skip
    assert DayResult.objects.get(contract=books.es).held_count == 1
    assert_rebuild_agrees()


def test_absurd_fees_and_an_absurd_open_position_stop_no_other_either(books):
    fees = Decimal(2**63 - 1).scaleb(-6)
    books.record(
        books.buy(1, "5000", "2026-03-02 10:00:00", fees=fees),
        books.sell(1, "5000", "2026-03-02 10:01:00", fees=fees),
        books.buy(MOST, LARGEST, "2026-03-02 10:02:00"),
        books.buy(MOST, LARGEST, "2026-03-02 10:03:00"),
        books.sell(MOST, -LARGEST, "2026-03-02 10:04:00"),
    )

    assert "too large" in Trade.objects.get().held
    position = Position.objects.get()
    assert (position.quantity, position.average_price) == (MOST, LARGEST)
    assert position.realized_usd is None
    assert_rebuild_agrees()


def test_the_first_and_the_last_day_of_the_calendar(books):
    books.record(
        books.buy(1, "-37.63", executed_ns=1, contract=books.cl),
        books.sell(1, "10.01", executed_ns=2**63 - 1, contract=books.cl),
    )
    trade = Trade.objects.get()
    assert trade.pnl_usd == 47640
    assert trade.closed_on.year == 2262
    assert_rebuild_agrees()


def test_ids_that_differ_by_case_space_or_script_are_different_fills(books):
    ids = ["a1", "A1", "a1 ", " a1", "\u04301", "a1\u0301", "á1", "á1", "執行", "a" * 200]
    fills = [books.buy(exec_id=exec_id) for exec_id in ids]
    assert books.record(*fills).new == len(set(ids)) == Fill.objects.count()
    assert books.record(*fills).duplicate == len(ids)
    assert_rebuild_agrees()


def test_corrections_that_name_each_other_or_themselves_leave_one_standing(books):
    books.record(
        books.buy(1, "5000", exec_id="A", action="correct", ref_exec_id="B"),
        books.buy(2, "5000", exec_id="B", action="correct", ref_exec_id="A"),
        books.buy(4, "5000", exec_id="C", action="correct", ref_exec_id="C"),
        books.buy(8, "5000", exec_id="D", action="cancel", ref_exec_id="D"),
    )
    usable = Fill.objects.filter(state="usable").values_list("exec_id", flat=True)
    assert set(usable) == {"B", "C"}
    assert Position.objects.get().quantity == 6
    assert_rebuild_agrees()


@pytest.mark.parametrize("is_chain", [True, False])
def test_ten_thousand_corrections_of_one_fill(is_chain):
    """Each of the one before it, or all of the first; the last one stands, and soon."""
    links = [Link(1, "e00000", 0, None, "new", 0)] + [
        Link(1, f"e{n:05}", 0, f"e{n - 1 if is_chain else 0:05}", "correct", n)
        for n in range(1, 10_000)
    ]
    began = time.monotonic()
    verdicts = settle_chain(reversed(links))
    assert time.monotonic() - began < 5
    assert {verdict.root_exec_id for verdict in verdicts.values()} == {"e00000"}
    assert [key for key, verdict in verdicts.items() if verdict.state is None] == [("e09999", 0)]


def test_two_thousand_corrections_in_a_row_come_one_at_a_time_and_all_at_once(books):
    start = ns("2026-03-02 10:00:00")
    chain = [books.buy(1, "5000", executed_ns=start, exec_id="e0")] + [
        books.buy(
            1, 5000 + n, executed_ns=start, received_ns=start + n * NS, exec_id=f"e{n}",
            action="correct", ref_exec_id=f"e{n - 1}",
        )
        for n in range(1, 2_000)
    ]  # fmt: skip
    books.record(*chain[:-1])
    books.record(chain[-1])
    assert Position.objects.get().average_price == 6999
    assert Fill.objects.filter(state="usable").count() == 1


def test_a_long_chain_costs_what_its_rows_cost(books):
    """Each corrects the one before it: rows touched are counted, for time proves nothing."""
    start, long = ns("2026-03-02 10:00:00"), 4_000
    chain = [books.buy(1, "5000", executed_ns=start, exec_id="e0")] + [
        books.buy(
            1, 5000 + n, executed_ns=start, received_ns=start + n * NS, exec_id=f"e{n}",
            action="correct", ref_exec_id=f"e{n - 1}",
        )
        for n in range(1, long)
    ]  # fmt: skip
    books.record(*chain[: long // 2])
    with transaction.atomic():
        books.record(*chain[long // 2 :])  # the batch is still staged
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {effective._CHAINS}")
            (plan,) = cursor.fetchone()[0]
    assert plan["Plan"]["Actual Rows"] == long
    assert touched(plan["Plan"]) < 40 * long
    assert Position.objects.get().average_price == 5000 + long - 1
    assert Fill.objects.filter(state="usable").count() == 1
    assert set(Fill.objects.values_list("root_exec_id", flat=True)) == {"e0"}


def touched(node):
    """Return how many rows a plan and all its parts read, kept or not."""
    rows = node["Actual Rows"] + sum(
        count for name, count in node.items() if name.startswith("Rows Removed")
    )
    return rows * node["Actual Loops"] + sum(touched(part) for part in node.get("Plans", ()))
