"""Day candles as they fall due, and all at once: always what the fills and bars say."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from common.api import Period
from futures.models import FxRate
from ledger.actions import follow_accounts, record_bars, record_rates, release_held
from ledger.candles import day_candles, keep, kept, made, rebuild_all, version_of
from ledger.models import CandlesDue, DayCandle, Trade
from tests.factories import make_account, make_bar
from tests.ledger.conftest import AT, make_contract
from tests.ledger.test_candles_shown import bars
from traders.actions import move_account

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 2)
NEXT = date(2026, 3, 3)


def everything():
    return (
        sorted(map(repr, DayCandle.objects.order_by().values_list())),
        sorted(map(repr, Trade.objects.order_by().values_list("id", "mae_usd", "mfe_usd"))),
    )


def rows(**given):
    found = DayCandle.objects.filter(**given).order_by("account", "day", "product_id", "merged")
    return [
        (row.account_id, row.day.day, row.product_id, tuple(row.merged), row.high_usd, row.low_usd,
         row.close_usd)
        for row in found
    ]  # fmt: skip


def made_anew():
    """Everything that is due, then all of it again: the same bytes."""
    keep(at=AT)
    assert not CandlesDue.objects.exists()
    before = everything()
    assert rebuild_all().changed == 0
    assert everything() == before
    DayCandle.objects.all().delete()
    Trade.objects.update(mae_usd=None, mfe_usd=None)
    rebuild_all()
    assert everything() == before
    return before


@pytest.fixture
def overnight(books):
    bars(books.es, DAY, "22:40 5000 5003 5000 5002")
    bars(books.es, NEXT, "00:05 5002 5004 5001 5003")
    books.record(
        books.buy(1, "5000", "2026-03-02 22:30:00"), books.sell(1, "5001", "2026-03-03 00:10:00")
    )
    return books


def test_a_trade_over_midnight(overnight):
    account, product = overnight.account.id, overnight.es.product_id
    made_anew()
    assert rows() == [
        (account, 2, 0, (), 150, 0, 100),
        (account, 2, product, (), 150, 0, 100),
        (account, 3, 0, (), 100, -50, -50),
        (account, 3, product, (), 100, -50, -50),
    ]
    trade = Trade.objects.get()
    assert (trade.mae_usd, trade.mfe_usd) == (0, 200)


def test_what_changes_is_due_and_nothing_else(overnight):
    keep(at=AT)
    late = overnight.buy(1, "5000", "2026-03-03 00:07:00")
    overnight.record(late)
    assert list(CandlesDue.objects.values_list("account", "contract", "since", "until")) == [
        (overnight.account.id, overnight.es.id, NEXT, None)
    ]
    assert Trade.objects.count() == 0
    done = keep(at=AT)
    assert done.account_days == 1
    overnight.record(overnight.sell(1, "5000", "2026-03-03 00:12:00"))
    assert keep(at=AT).account_days == 1
    made_anew()


def test_a_late_bar_of_the_evening_marks_the_next_morning(overnight):
    keep(at=AT)
    make_bar(overnight.es, "2026-03-02T23:59:00+00:00", "5010")
    assert keep(at=AT).account_days == 2
    made_anew()
    assert rows(product_id=0)[1][4:] == (0, -450, -450)


def test_only_accounts_whose_rows_changed_get_a_version(overnight):
    keep(at=AT)
    overnight.account.refresh_from_db()
    before = overnight.account.candles_version
    assert before > 0
    make_bar(overnight.es, "2026-03-02T10:00:00+00:00", "4990")  # before the trade
    keep(at=AT)
    overnight.account.refresh_from_db()
    assert overnight.account.candles_version == before
    overnight.other.refresh_from_db()
    assert overnight.other.candles_version == 0


def test_a_changed_trade_loses_its_excursions_until_they_are_made_anew(overnight):
    keep(at=AT)
    overnight.record(
        overnight.fill(
            -1, 1, "5002", "2026-03-03 00:10:00", action="correct", exec_id="fix",
            ref_exec_id="x000002",
        )
    )  # fmt: skip
    trade = Trade.objects.get()
    assert (trade.mae_usd, trade.mfe_usd) == (None, None)
    keep(at=AT)
    trade.refresh_from_db()
    assert trade.mfe_usd == 200
    assert rows(product_id=0)[1][-1] == 0


def test_a_correction_that_leaves_the_figures_is_due_nevertheless(overnight):
    """The same price at another minute: no figure of the trade moves, its candles do."""
    overnight.record(overnight.buy(1, "5000", "2026-03-02 22:39:00"))
    overnight.record(overnight.sell(1, "5000", "2026-03-02 22:39:30"))
    keep(at=AT)
    overnight.record(
        overnight.fill(
            -1, 1, "5000", "2026-03-02 22:41:00", action="correct", exec_id="fix",
            ref_exec_id="x000004",
        )
    )  # fmt: skip
    assert CandlesDue.objects.get().since == DAY
    made_anew()
    assert rows(product_id=0)[0][4] == 300


def test_a_bust_takes_the_rows_away(overnight):
    keep(at=AT)
    overnight.record(
        overnight.fill(1, action="cancel", exec_id="b1", ref_exec_id="x000001"),
        overnight.fill(1, action="cancel", exec_id="b2", ref_exec_id="x000002"),
    )
    made_anew()
    assert rows() == []


def test_without_a_rate_there_is_no_row_of_the_product_nor_of_all(books):
    fesx = make_contract("FESX", "FESX Mar26", date(2026, 3, 1))
    bars(fesx, DAY, "10:00 5000 5001 4999 5001")
    bars(fesx, NEXT, "10:00 5002 5002 5002 5002")
    bars(books.es, DAY, "10:00 5000 5001 4999 5001")
    books.record(
        books.buy(1, "5000", "2026-03-02 10:00:10", contract=fesx),
        books.buy(1, "5000", "2026-03-02 10:00:10"),
        books.sell(1, "5001", "2026-03-02 10:00:20"),
    )
    made_anew()
    assert [row[1:3] for row in rows()] == [(2, books.es.product_id)]
    told = day_candles(account_ids=(books.account.id,), period=Period(DAY, NEXT))
    assert told.notes == (
        "Candles are held back: no EUR rate for 2026-03-02",
        "Candles are held back: no EUR rate for 2026-03-03",
    )
    # A day on which it was only held is due too.
    record_rates([("EUR", DAY, Decimal(1)), ("EUR", NEXT, Decimal(2))], source="test")
    release_held(currency="EUR", at=AT)
    made_anew()
    assert [row[1:3] for row in rows()] == [
        (2, 0), (2, books.es.product_id), (2, fesx.product_id), (3, 0), (3, fesx.product_id),
    ]  # fmt: skip
    assert rows(product_id=fesx.product_id, day=NEXT)[0][-1] == 20
    FxRate.objects.filter(day=NEXT).update(usd_per_unit=3)
    release_held(currency="EUR", days=[NEXT], at=AT)
    made_anew()
    assert rows(product_id=fesx.product_id, day=NEXT)[0][-1] == 30


def test_a_product_without_bars_is_left_out_of_the_total(books):
    bars(books.es, DAY, "10:00 5000 5001 4999 5001")
    for contract in (books.es, books.cl):
        books.record(
            books.buy(1, "70", "2026-03-02 10:00:10", contract=contract),
            books.sell(1, "71", "2026-03-02 10:01:20", contract=contract),
        )
    made_anew()
    es = books.es.product_id
    assert [(row[2], row[-1]) for row in rows()] == [(0, 50), (es, 50)]
    assert Trade.objects.get(contract=books.cl).mae_usd is None
    assert Trade.objects.get(contract=books.es).mae_usd == 0


def test_two_accounts_of_a_trader_are_merged_minute_by_minute(books):
    second = make_account(books.account.trader)
    bars(books.es, DAY, """
        10:00 5000 5000 5000 5000
        10:01 5001 5004 4999 5002""")  # fmt: skip
    for account in (books.account, second):
        side = 1 if account == second else -1
        books.record(
            books.fill(side, 1, "5000", "2026-03-02 10:00:10", account_id=account.id),
            books.fill(-side, 1, "5001", "2026-03-02 10:02:10", account_id=account.id),
        )
    made_anew()
    one, two, es = books.account.id, second.id, books.es.product_id
    assert [row for row in rows() if row[3]] == [
        (one, 2, 0, (two,), 0, 0, 0), (one, 2, es, (two,), 0, 0, 0),
    ]  # fmt: skip
    both = day_candles(account_ids=(one, two), period=Period(DAY, DAY))
    assert [(row.product_id, row.high, row.close) for row in both.rows] == [(0, 0, 0), (es, 0, 0)]
    alone = day_candles(account_ids=(two,), period=Period(DAY, DAY))
    assert [(row.product_id, row.high, row.close) for row in alone.rows] == [
        (0, 200, 50), (es, 200, 50),
    ]  # fmt: skip


def test_an_account_that_changes_hands_is_merged_with_others(books):
    second = make_account(books.account.trader)
    bars(books.es, DAY, "10:01 5001 5004 4999 5002")
    for account in (books.account, books.other, second):
        books.record(
            books.fill(1, 1, "5000", "2026-03-02 10:00:10", account_id=account.id),
            books.fill(-1, 1, "5001", "2026-03-02 10:02:10", account_id=account.id),
        )
    made_anew()
    one, other, two = books.account.id, books.other.id, second.id
    assert {(row[0], *row[3]) for row in rows()} == {(one,), (other,), (two,), (one, two)}

    follow_accounts(move_account(account=second, trader=books.other.trader, by="", at=AT), at=AT)

    both = day_candles(account_ids=(other, two), period=Period(DAY, DAY))
    assert both.rows == ()
    assert both.notes == (
        "The candles of 2026-03-02 are being made anew; they may change in a moment",
    )
    made_anew()
    assert {(row[0], *row[3]) for row in rows()} == {(one,), (other,), (two,), (other, two)}
    assert day_candles(account_ids=(other, two), period=Period(DAY, DAY)).rows


def test_what_is_due_of_the_view_is_told_and_changes_the_version(overnight):
    from accounts.access import Accounts

    view = Accounts((overnight.account.id,), "0")
    keep(at=AT)
    quiet = version_of(view)
    told = day_candles(account_ids=view.ids, period=Period(DAY, NEXT))
    assert told.notes == ()
    assert [(row.day, row.close) for row in told.rows if not row.product_id] == [
        (DAY, 100), (NEXT, -50),
    ]  # fmt: skip
    make_bar(overnight.es, "2026-03-03T00:06:00+00:00", "5003")
    assert version_of(view) != quiet
    told = day_candles(account_ids=view.ids, period=Period(DAY, NEXT))
    assert told.notes == (
        "The candles of 2026-03-03 are being made anew; they may change in a moment",
    )
    keep(at=AT)
    assert version_of(view) == quiet  # the bar changed nothing that is kept


def test_few_fills_and_new_bars_cost_few_account_days(books):
    for day in range(1, 29):
        bars(books.es, date(2026, 2, day), "10:00 5000 5001 4999 5001")
        books.record(
            books.buy(1, "5000", f"2026-02-{day:02} 10:00:10"),
            books.sell(1, "5001", f"2026-02-{day:02} 10:00:20"),
        )
    assert keep(at=AT).account_days == 28
    books.record(books.buy(1, "5000", "2026-03-02 10:00:00"))
    books.record(books.sell(1, "5001", "2026-03-02 10:01:00"))
    assert keep(at=AT).account_days == 1
    for minute in range(5):
        make_bar(books.es, f"2026-03-02T10:0{minute}:00+00:00", "5000")
        assert keep(at=AT).account_days == 1
    late = books.buy(1, "5000", "2026-02-10 11:00:00")
    books.record(late, books.sell(1, "5000", "2026-02-10 11:01:00"))
    assert keep(at=AT).account_days == 1


def test_many_days_are_made_in_chunks_of_few(books, monkeypatch):
    monkeypatch.setattr(kept, "ACCOUNT_DAYS", 3)
    for day in range(1, 12):
        bars(books.es, date(2026, 2, day), "10:00 5000 5001 4999 5001")
    books.record(
        books.buy(1, "5000", "2026-02-01 10:00:10"), books.sell(1, "5001", "2026-02-11 10:00:20")
    )
    steps = []
    while (done := keep(most=1, at=AT)).account_days:
        steps.append((done.account_days, DayCandle.objects.filter(product_id=0).count()))
    assert steps == [(3, 3), (3, 6), (3, 9), (2, 11)]
    made_anew()


def test_a_day_that_cannot_be_made_waits_and_blocks_no_other(books, monkeypatch, caplog):
    for day in range(1, 6):
        bars(books.es, date(2026, 2, day), "10:00 5000 5001 4999 5001")
    books.record(
        books.buy(1, "5000", "2026-02-01 10:00:10"), books.sell(1, "5001", "2026-02-05 10:00:20")
    )
    real = made.make

    def breaks(units):
        if any(day == (date(2026, 2, 3) - date(1970, 1, 1)).days
               for days in units.values() for day in days):  # fmt: skip
            raise ValueError("poison")
        return real(units)

    monkeypatch.setattr(kept, "make", breaks)
    done = keep(at=AT)
    assert (done.account_days, done.put_off) == (4, 1)
    assert [row[1] for row in rows(product_id=0)] == [1, 2, 4, 5]
    due = CandlesDue.objects.get()
    assert (due.since, due.until) == (date(2026, 2, 3), date(2026, 2, 3))
    assert keep(at=AT).account_days == 0  # its turn is later
    monkeypatch.setattr(kept, "make", real)
    CandlesDue.objects.update(marked_at=AT)
    made_anew()


def test_statements_do_not_grow_with_days_or_accounts(books, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def cost(days):
        for account in (books.account, books.other):
            for day in days:
                bars(books.es, date(2026, 2, day), "10:00 5000 5001 4999 5001")
                books.record(
                    books.fill(1, 1, "5000", f"2026-02-{day:02} 10:00:10", account_id=account.id),
                    books.fill(-1, 1, "5001", f"2026-02-{day:02} 10:00:20", account_id=account.id),
                )
        with CaptureQueriesContext(connection) as seen:
            keep(at=AT)
        return len(seen)

    assert cost([1]) == cost(range(2, 20))
    period = Period(date(2026, 2, 1), date(2026, 2, 28))
    with django_assert_num_queries(3):
        day_candles(account_ids=(books.account.id,), period=period)


@pytest.mark.parametrize("room", [1, 3])
def test_pieces_make_what_all_of_it_makes_at_once(overnight, monkeypatch, room):
    """Two accounts of one trader, merged, in two products on three days; two held over nights."""
    both = overnight.account, make_account(trader=overnight.account.trader)
    for day in (2, 3, 4):
        bars(overnight.cl, date(2026, 3, day), "14:00 70 70.1 69.9 70\n14:01 70 70.2 69.8 70.1")
    for account in both:
        mine = {"account_id": account.id}
        overnight.record(
            overnight.buy(1, "70", "2026-03-02 14:00:10", contract=overnight.cl, **mine),
            overnight.sell(1, "70.1", "2026-03-04 14:01:10", contract=overnight.cl, **mine),
            overnight.buy(1, "5000", "2026-03-03 00:05:10", **mine),
            overnight.sell(1, "5001", "2026-03-03 00:06:10", **mine),
        )
    at_once = made_anew()
    assert DayCandle.objects.exclude(merged=[]).exists()

    pieces = []
    make = made._make
    monkeypatch.setattr(made, "LINE_DAYS", room)

    def piece(units, lines):
        pieces.append(1)
        return make(units, lines)

    monkeypatch.setattr(made, "_make", piece)
    assert made_anew() == at_once
    assert len(pieces) > 2


def test_the_last_close_is_what_the_fills_realised(overnight):
    bars(overnight.es, date(2026, 3, 4), "10:00 5000 5010 4990 5001")
    overnight.record(
        overnight.buy(2, "5000", "2026-03-04 10:00:10", fees="1.3"),
        overnight.sell(3, "5001", "2026-03-04 10:01:10", fees="0.77"),
        overnight.buy(1, "5000.25", "2026-03-04 10:02:10"),
    )
    keep(at=AT)
    closes = DayCandle.objects.get(day=date(2026, 3, 4), product_id=0).close_usd
    assert closes == sum(t.pnl_usd for t in Trade.objects.filter(closed_on=date(2026, 3, 4)))


def test_bars_come_as_they_were(books):
    assert record_bars([]).touched == ()
    assert keep(at=AT).account_days == 0
