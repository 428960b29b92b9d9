"""Every fill once, whatever the order and the repeats; and what it does to the books."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from ledger.models import DayResult, Fill, Position, Trade
from tests.ledger.conftest import AT, ns

pytestmark = pytest.mark.django_db


def test_a_round_trip_becomes_a_trade(books):
    done = books.record(
        books.buy(2, "5000", "2026-03-02 14:30:20", fees=Decimal("2.10")),
        books.sell(1, "5003", "2026-03-02 14:32:10", fees=Decimal("1.05")),
        books.sell(1, "5001.25", "2026-03-02 14:33:40", fees=Decimal("1.05")),
    )

    assert (done.new, done.duplicate, done.trades) == (3, 0, 1)
    trade = Trade.objects.get()
    assert (trade.side, trade.quantity, trade.max_position, trade.fill_count) == (1, 2, 2, 3)
    assert (trade.entry_price, trade.exit_price) == (Decimal(5000), Decimal("5002.125"))
    assert (trade.gross_usd, trade.fees_usd, trade.pnl_usd) == (
        Decimal("212.5"), Decimal("4.2"), Decimal("208.3"),
    )  # fmt: skip
    assert (trade.outcome, trade.closed_on) == (1, date(2026, 3, 2))
    day = DayResult.objects.get()
    assert (day.pnl_usd, day.realized_usd, day.trade_count, day.win_count) == (
        Decimal("208.3"), Decimal("208.3"), 1, 1,
    )  # fmt: skip
    assert Position.objects.get().quantity == 0


def test_reporting_again_changes_nothing(books):
    fills = [
        books.buy(at="2026-03-02 10:00:00"),
        books.sell(at="2026-03-02 10:01:00", price="5001"),
    ]
    books.record(*fills)
    before = everything()
    books.account.refresh_from_db()
    version = books.account.books_version

    again = books.record(*fills)

    assert (again.new, again.duplicate, again.conflicts, again.trades) == (0, 2, (), 0)
    assert everything() == before
    books.account.refresh_from_db()
    assert books.account.books_version == version


def test_a_contradiction_comes_back_and_the_first_report_stays(books):
    first = books.buy(1, "5000", exec_id="dup")
    books.record(first)
    other = books.buy(3, "5000", exec_id="dup")

    done = books.record(other, books.sell(1, "5001", "2026-03-02 15:00:00"))

    assert done.conflicts == (other,)
    assert (done.new, done.duplicate) == (1, 0)
    assert Fill.objects.get(exec_id="dup").quantity == 1


def test_a_batch_that_repeats_and_contradicts_itself(books):
    one, two = books.buy(1, exec_id="a"), books.buy(2, exec_id="a")

    done = books.record(one, one, two)

    assert (done.new, done.duplicate, done.conflicts) == (1, 1, (two,))


def test_overnight_each_day_has_what_its_fills_realised(books):
    books.record(
        books.buy(1, "5000", "2026-03-02 22:30:00"), books.sell(1, "5001", "2026-03-03 00:10:00")
    )

    days = {d.day: d for d in DayResult.objects.all()}
    assert days[date(2026, 3, 2)].realized_usd == 0
    assert days[date(2026, 3, 3)].realized_usd == 50
    assert [d.trade_count for _, d in sorted(days.items())] == [0, 1]
    assert Trade.objects.get().closed_on == date(2026, 3, 3)


def test_a_fill_across_zero_closes_one_trade_and_opens_the_next(books):
    books.record(
        books.buy(1, "5000", "2026-03-02 10:00:00", exec_id="a"),
        books.sell(3, "5002", "2026-03-02 11:00:00", exec_id="b", fees=Decimal("3")),
    )
    assert (Trade.objects.get().fees_usd, Position.objects.get().quantity) == (1, -2)

    # The second batch starts inside the flipping fill.
    books.record(books.buy(2, "4999", "2026-03-02 12:00:00", exec_id="c"))

    first, second = Trade.objects.order_by("opened_ns")
    assert (first.pnl_usd, first.closed_used) == (99, 1)
    assert (second.side, second.quantity, second.pnl_usd) == (-1, 2, 298)
    assert (second.opened_exec_id, second.closed_exec_id) == ("b", "c")
    assert_rebuild_agrees()


def test_a_late_fill_in_the_middle_keeps_the_ids_before_it_and_its_own(books):
    books.record(
        books.buy(at="2026-03-02 10:00:00"), books.sell(at="2026-03-02 10:10:00"),
        books.buy(at="2026-03-02 11:00:00"), books.sell(at="2026-03-02 11:10:00"),
    )  # fmt: skip
    first, second = Trade.objects.order_by("opened_ns")

    books.record(
        books.buy(at="2026-03-02 11:05:00", price="5001"),
        books.sell(at="2026-03-02 11:20:00", price="5002"),
    )

    assert {t.id for t in Trade.objects.all()} == {first.id, second.id}
    grown = Trade.objects.get(id=second.id)
    assert (grown.quantity, grown.fill_count) == (2, 4)
    assert_rebuild_agrees()


def test_a_correction_replaces_and_keeps_the_trade_id(books):
    books.record(
        books.buy(1, "5000", "2026-03-02 10:00:00", exec_id="a"),
        books.sell(1, "5001", "2026-03-02 10:10:00"),
    )
    before = Trade.objects.get()

    books.record(
        books.buy(1, "4990", "2026-03-02 10:00:00", exec_id="b", ref_exec_id="a", action="correct")
    )

    after = Trade.objects.get()
    assert after.id == before.id
    assert after.gross_usd == 550
    assert Fill.objects.get(exec_id="a").state == "replaced"
    assert_rebuild_agrees()


@pytest.mark.parametrize("first", ["original", "notice"])
def test_a_bust_voids_in_either_order(books, first):
    original = books.buy(1, "5000", "2026-03-02 10:00:00", exec_id="a")
    bust = books.buy(
        1, "5000", "2026-03-02 10:00:00", exec_id="b", ref_exec_id="a", action="cancel"
    )
    for fill in (original, bust) if first == "original" else (bust, original):
        books.record(fill)

    assert Fill.objects.get(exec_id="a").state == "void"
    assert not Position.objects.exclude(quantity=0).exists()
    assert_rebuild_agrees()


def test_what_cannot_be_used_is_kept_with_its_reason(books):
    books.record(
        books.buy(exec_id="unknown", contract=None),
        books.buy(exec_id="echo", synthetic=True),
        books.buy(exec_id="option", is_option=True),
        books.buy(exec_id="spread", kind="spread", at="2026-03-02 12:00:00", contract=None),
    )

    assert dict(Fill.objects.values_list("exec_id", "state")) == {
        "unknown": "waiting", "echo": "excluded", "option": "excluded", "spread": "waiting",
    }  # fmt: skip
    assert not Position.objects.exists()

    books.record(books.buy(exec_id="leg", kind="leg", at="2026-03-02 12:00:00"))

    assert Fill.objects.get(exec_id="spread").state == "excluded"
    assert Position.objects.get().quantity == 1


def test_a_negative_price_is_a_price(books):
    books.record(
        books.buy(1, "-37.63", "2020-04-20 18:30:00", contract=books.cl),
        books.sell(1, "10.01", "2020-04-21 02:00:00", contract=books.cl),
    )
    assert Trade.objects.get().pnl_usd == Decimal("47640")


def test_too_fine_a_price_is_refused_whole(books):
    with pytest.raises(ValueError, match="finer"):
        books.record(books.buy(price="5000.0000000001"))
    assert not Fill.objects.exists()


def test_the_number_of_statements_does_not_grow(books, django_assert_max_num_queries):
    fills = [
        fill
        for n in range(200)
        for fill in (
            books.buy(1, "5000", executed_ns=ns("2026-03-02 10:00:00") + 2 * n),
            books.sell(1, "5001", executed_ns=ns("2026-03-02 10:00:00") + 2 * n + 1),
        )
    ]
    with django_assert_max_num_queries(36):
        books.record(*fills)
    assert Trade.objects.count() == 200


def everything():
    """Return the books; when they came to say it is no part of what they say."""
    return [
        sorted(
            repr({name: value for name, value in row.items() if name != "booked_at"})
            for row in model.objects.order_by().values()
        )
        for model in (Fill, Trade, Position, DayResult)
    ]


def assert_rebuild_agrees():
    from ledger.rebuild import rebuild

    before = everything()
    rebuild(at=AT)
    assert everything() == before
    for model in (Trade, Position, DayResult):
        model.objects.all().delete()
    rebuild(at=AT)
    assert everything() == before
