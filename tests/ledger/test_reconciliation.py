"""Each state of a reconciled day, made by tampering with the tables; and what time brings."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from ledger.models import Position, ReportedPosition, Trade
from ledger.rebuild import rebuild
from ledger.reconciliation import ReadTo, check, keep
from tests.ledger.conftest import ns
from tests.ledger.reconciled import AT, record_round_trip, row, sql, states, table, tell

pytestmark = pytest.mark.django_db


@pytest.fixture
def round_trip(books):
    return record_round_trip(books)


def test_a_day_is_flat_or_open_and_an_open_one_goes_on_to_today(round_trip):
    books = round_trip
    books.record(books.buy(3, at="2026-03-03 10:00:00"))

    keep(at=AT)

    assert states() == {
        ("ES Mar26", 2): "flat", ("ES Mar26", 3): "open", ("ES Mar26", 4): "open",
        ("ES Mar26", 5): "open",
    }  # fmt: skip
    last = row(5)
    assert (last.position, last.open_since_ns) == (3, ns("2026-03-03 10:00:00"))
    assert (last.fill_count, last.bought, last.sold) == (0, 0, 0)
    keep(at=AT + timedelta(days=1))
    assert states()["ES Mar26", 6] == "open"
    kept = table()
    assert check(at=AT + timedelta(days=1)).changed == 0
    assert table() == kept


def test_a_trade_that_is_missing_is_found(round_trip):
    keep(at=AT)
    sql("DELETE FROM ledger_trade")

    check(at=AT)

    assert row(2).state == "skipped"
    assert row(2).reason == "2 usable fills in no trade"


def test_a_trade_that_tells_other_figures_is_found(round_trip):
    sql("UPDATE ledger_trade SET gross_native = gross_native + 2")
    check(at=AT)
    assert row(2).state == "skipped"
    assert row(2).reason == "2 fills in a trade or position that tells other figures"


def test_a_trade_that_stands_there_twice_is_found(round_trip):
    sql(
        "INSERT INTO ledger_trade SELECT (jsonb_populate_record(t, jsonb_build_object("
        "'id', gen_random_uuid()))).* FROM ledger_trade t"
    )
    check(at=AT)
    assert row(2).state == "skipped"


def test_a_trade_that_is_told_on_another_day_is_found(round_trip):
    sql("UPDATE ledger_trade SET closed_on = closed_on + 1")
    check(at=AT)
    assert row(2).state == "skipped"


def test_an_open_position_that_tells_another_quantity_is_found(round_trip):
    books = round_trip
    books.record(books.buy(3, at="2026-03-03 10:00:00"))
    Position.objects.update(quantity=2)
    check(at=AT)
    assert states() == {
        ("ES Mar26", 2): "flat", ("ES Mar26", 3): "skipped", ("ES Mar26", 4): "open",
        ("ES Mar26", 5): "open",
    }  # fmt: skip


def test_a_trade_that_no_fills_make_is_found(round_trip):
    sql("DELETE FROM ledger_fill")
    check(at=AT)
    assert (row(2).state, row(2).fill_count) == ("skipped", 0)
    assert row(2).reason == "1 trade or open position that no fills make"


@pytest.mark.parametrize(
    "hand",
    [
        "UPDATE ledger_dayresult SET pnl_usd = pnl_usd + 1000000",
        "UPDATE ledger_dayresult SET trade_count = 2",
        "DELETE FROM ledger_dayresult",
        "UPDATE ledger_trade SET pnl_usd = pnl_usd + 1000000",
        "UPDATE ledger_trade SET (gross_usd, pnl_usd) = (gross_usd + 1000000, pnl_usd + 1000000)",
    ],
)
def test_money_that_was_changed_by_hand_is_found(round_trip, hand):
    keep(at=AT)
    assert states() == {("ES Mar26", 2): "flat"}
    sql(hand)
    check(at=AT)
    assert states() == {("ES Mar26", 2): "skipped"}
    rebuild(at=AT)
    check(at=AT)
    assert states() == {("ES Mar26", 2): "flat"}


def test_a_fill_that_waits_since_long_ago_keeps_a_difference_in_doubt(round_trip):
    books = round_trip
    books.record(books.buy(1, at="2026-03-03 10:00:00", exec_id="waits"))
    books.record(books.sell(1, at="2026-03-03 11:00:00"))
    sql("UPDATE ledger_fill SET state = 'waiting' WHERE exec_id = 'waits'")
    sql(
        "UPDATE ledger_fill SET state = 'excluded' WHERE executed_ns = %s",
        ns("2026-03-03 11:00:00"),
    )
    rebuild(at=AT)
    tell(books, 1, datetime(2026, 3, 4, 20, tzinfo=UTC))
    check(at=AT)
    told = states()["ES Mar26", 4]
    assert told == "unverifiable"
    check(at=AT, since=date(2026, 3, 4))
    assert states()["ES Mar26", 4] == told


def test_waiting_fills_and_copied_trades_cannot_be_told(round_trip):
    books = round_trip
    sql("UPDATE futures_contract SET point_value = NULL WHERE id = %s", books.cl.id)
    books.record(books.buy(1, at="2026-03-03 10:00:00", contract=books.cl))
    keep(at=AT)
    assert row(3, "CL Apr26").state == "unverifiable"
    assert row(3, "CL Apr26").reason == "1 fill waiting to be used"
    sql("DELETE FROM ledger_fill WHERE contract_id = %s", books.es.id)
    Trade.objects.update(is_copied=True)
    check(at=AT)
    assert (row(2).state, row(2).reason) == ("unverifiable", "trades copied without fills")


def test_an_extra_position_of_the_provider_is_a_mismatch(round_trip):
    books = round_trip
    taken = datetime(2026, 3, 4, 10, tzinfo=UTC)
    assert tell(books, 3, taken) == 1
    keep(at=taken + timedelta(minutes=5))  # the ledger may be late by minutes
    assert states() == {("ES Mar26", 2): "flat"}
    keep(at=taken + timedelta(minutes=11))
    assert states() == {("ES Mar26", 2): "flat", ("ES Mar26", 4): "mismatch"}
    assert row(4).reason == "the provider told a position of 3, the books another"
    assert row(4).provider_position == 3

    assert tell(books, 0, taken + timedelta(minutes=15), listed=False) == 1
    keep(at=taken + timedelta(minutes=20))
    assert row(4).state == "mismatch"  # until the next telling can be compared
    keep(at=taken + timedelta(minutes=30))
    assert states() == {("ES Mar26", 2): "flat"}


def test_a_telling_waits_until_the_fills_of_its_moment_are_read(books):
    books.record(books.buy(2, at="2026-03-04 09:00:00"))
    taken = datetime(2026, 3, 4, 10, tzinfo=UTC)
    tell(books, 3, taken)
    assert tell(books, 2, taken + timedelta(minutes=15)) == 0  # the first still waits
    late = taken + timedelta(hours=1)
    short = {books.account.id: ReadTo(ns("2026-03-04 09:59:59"))}
    keep(at=late, asked=lambda _: short)
    assert states() == {("ES Mar26", 4): "open"}
    assert ReportedPosition.objects.get().taken_at is None
    keep(at=late, asked=lambda _: {books.account.id: ReadTo(ns("2026-03-04 10:00:00"))})
    assert states() == {("ES Mar26", 4): "mismatch"}

    # The fill that was missing comes late: the provider had it already.
    books.record(
        books.buy(1, at="2026-03-04 09:30:00", received_ns=ns("2026-03-04 14:00:00"))
    )  # fmt: skip
    keep(at=late)
    assert (row(4).state, row(4).provider_position) == ("open", 3)


def test_fills_on_their_way_and_later_busts_leave_a_difference_in_doubt(books):
    books.record(books.buy(2, at="2026-03-04 09:59:30", exec_id="a"))
    tell(books, 5, datetime(2026, 3, 4, 10, tzinfo=UTC))
    keep(at=AT)
    assert row(4).state == "unverifiable"
    assert "on their way" in row(4).reason

    books.record(books.buy(4, at="2026-03-03 09:00:00", exec_id="b"))
    tell_at = datetime(2026, 3, 3, 10, tzinfo=UTC)
    tell(books, 4, tell_at)
    keep(at=AT)
    assert row(3).state == "open"
    books.record(
        books.fill(1, at="2026-03-05 10:00:00", action="cancel", ref_exec_id="b", exec_id="c")
    )
    keep(at=AT)
    assert row(3).state == "unverifiable"
    assert "corrected or busted" in row(3).reason


def test_a_day_is_unverifiable_while_it_is_being_read_and_not_because_of_minutes(round_trip):
    books = round_trip
    mark = {books.account.id: ReadTo(ns("2026-03-02 20:00:00"))}
    for moment, state in (
        ("2026-03-02 23:00", "flat"), ("2026-03-03 01:30", "flat"), ("2026-03-03 02:30",
        "unverifiable"),
    ):  # fmt: skip
        at = datetime.fromisoformat(moment).replace(tzinfo=UTC)
        keep(at=at, asked=lambda _: mark)
        assert states() == {("ES Mar26", 2): state}
        check(at=at, asked=lambda _: mark)
        assert states() == {("ES Mar26", 2): state}
    mark[books.account.id] = ReadTo(ns("2026-03-03 02:40:00"))
    keep(at=datetime(2026, 3, 3, 2, 40, tzinfo=UTC), asked=lambda _: mark)
    assert states() == {("ES Mar26", 2): "flat"}


def test_accounts_whose_history_comes_in_wait(round_trip):
    mark = {round_trip.account.id: ReadTo(ns("2026-03-02 18:00:00"), is_history_in=False)}
    assert keep(at=AT, asked=lambda _: mark).lines == 0
    assert keep(at=AT, asked=lambda _: {}).lines == 1
    assert keep(at=AT).lines == 0


def test_the_work_goes_with_what_changed_and_statements_do_not_grow(
    books, django_assert_max_num_queries
):
    rows = [
        books.fill(side, at=f"2026-03-0{day} {hour:02}:{minute:02}:00")
        for day in (2, 3, 4) for hour in range(8) for minute in range(20) for side in (1, -1)
    ]  # fmt: skip
    books.record(*rows)
    with django_assert_max_num_queries(36):
        assert keep(at=AT).days == 3
    books.record(books.buy(1, at="2026-03-05 08:00:00"))
    with django_assert_max_num_queries(36):
        assert keep(at=AT).days == 1  # the three flat days before are not looked at
