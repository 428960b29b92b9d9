"""The worked examples of the definitions and the corners of the metric table, figures by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from math import isclose, sqrt

import pytest

from futures.models import FxRate
from ledger.actions import record_fills
from ledger.models import DayResult
from tests.factories import AT, make_contract, make_trade, new_fill

MARCH = {"start_date": "2026-03-01", "end_date": "2026-03-31"}
pytestmark = pytest.mark.django_db


class Book:
    """Ana's fills, and what she reads."""

    def __init__(self, desk, as_user):
        self.ana, self.client = desk.ana, as_user(desk.ana)
        self.account = desk.ana.trader.accounts.get()
        self.number = count(1)

    def fill(self, signed, price, at, *, symbol="ES", fees="0", name=None):
        contract = make_contract(symbol, "Jun26" if symbol != "ES" else "Mar26")
        name = name or f"x{next(self.number):03}"
        moment = datetime.fromisoformat(f"2026-03-{at}").replace(tzinfo=UTC)
        side = 1 if signed > 0 else -1
        one = new_fill(
            self.account, contract, name, side, abs(signed), Decimal(price), moment,
            fees=Decimal(fees),
        )  # fmt: skip
        record_fills([one], at=AT)

    def read(self, address, **params):
        answer = self.client.get(f"/api/v1/personal/{address}", {**MARCH, **params})
        assert answer.status_code == 200, answer.json()
        return answer.json()

    def trades(self):
        return self.read("trades", sort="closed_at")["data"]

    def summary(self, **params):
        answer = self.read("summary", **params)
        return answer["data"], " ".join(answer["meta"]["notes"])

    def close(self, *pnl):
        """One trade a day from Monday the 2nd on."""
        for day, amount in enumerate(pnl, start=2):
            make_trade(self.ana, pnl=amount, day=day)


@pytest.fixture
def book(desk, as_user):
    return Book(desk, as_user)


def test_long_two_es_and_short_one_cl(book):
    book.fill(2, "5000", "10 14:30:20")
    book.fill(-1, "5003", "10 14:32:10")
    book.fill(-1, "5001.25", "10 14:33:40")
    book.fill(-1, "70.00", "10 14:31:05", symbol="CL")
    book.fill(1, "69.90", "10 14:33:30", symbol="CL")
    crude, index = book.trades()
    assert (crude["side"], crude["pnl"]) == ("short", 100.0)
    assert (index["entry_price"], index["exit_price"], index["pnl"]) == (5000.0, 5002.125, 212.5)


def test_a_negative_price_is_a_price(book):
    book.fill(1, "-37.63", "10 14:31:05", symbol="CL")
    book.fill(-1, "-30.00", "10 14:33:30", symbol="CL")
    assert book.trades()[0]["pnl"] == 7630.0


def test_overnight_belongs_to_the_day_of_the_closing_fill(book):
    book.fill(1, "5000", "10 22:30:00")
    book.fill(-1, "5001", "11 00:10:00")
    assert [(d["date"], d["pnl"]) for d in book.read("performance-by-time")["data"]] == [
        ("2026-03-11", 50.0)
    ]
    days = dict(DayResult.objects.values_list("day", "realized_usd"))
    assert days == {date(2026, 3, 10): Decimal(0), date(2026, 3, 11): Decimal(50)}


def test_fees_pro_rata_where_a_fill_crosses_zero(book):
    book.fill(1, "100", "10 10:00:00")
    book.fill(-3, "101", "10 10:01:00", fees="1.00")
    book.fill(2, "100", "10 10:02:00")
    first, second = book.trades()
    assert (first["gross_pnl"], first["fees"], first["pnl"]) == (50.0, 0.33, 49.67)
    assert (second["gross_pnl"], second["fees"], second["pnl"]) == (100.0, 0.67, 99.33)
    assert (second["side"], second["quantity"]) == ("short", 2)
    assert book.summary()[0]["pnl"] == 149.0


def test_each_part_at_the_rate_of_its_own_day(book):
    for day, rate in ((10, "1.10"), (11, "1.20")):
        FxRate.objects.create(currency="EUR", day=date(2026, 3, day), usd_per_unit=Decimal(rate))
    book.fill(2, "100", "10 10:00:00", symbol="FGBL", fees="1")
    book.fill(-1, "101", "10 11:00:00", symbol="FGBL", fees="1")
    book.fill(-1, "101", "11 10:00:00", symbol="FGBL", fees="1")
    trade = book.trades()[0]
    assert (trade["gross_pnl"], trade["fees"], trade["pnl"]) == (2300.0, 3.4, 2296.6)


def test_a_missing_rate_holds_the_result_back_and_says_so(book):
    book.fill(1, "100", "10 10:00:00", symbol="FGBL")
    book.fill(-1, "101", "10 11:00:00", symbol="FGBL")
    assert book.trades()[0]["pnl"] is None
    figures, notes = book.summary()
    assert figures["trade_count"] == 0
    assert "EUR" in notes


def test_fills_of_one_stamp_in_the_order_of_their_names(book):
    book.fill(-1, "101", "10 10:00:00", name="b")
    book.fill(1, "100", "10 10:00:00", name="a")
    assert [(t["side"], t["pnl"]) for t in book.trades()] == [("long", 50.0)]


def test_rounding_is_half_even_and_once(book):
    """Three times half a cent: each reads 0.00, together they read 0.02."""
    book.close("0.005", "0.005", "0.005")
    assert [trade["pnl"] for trade in book.trades()] == [0.0, 0.0, 0.0]
    figures, _ = book.summary()
    assert (figures["pnl"], figures["win_count"]) == (0.02, 3)


def test_a_first_loss_is_a_drawdown_and_recovery_keeps_its_sign(book):
    book.close("-100", "50")
    figures, _ = book.summary()
    assert (figures["max_drawdown"], figures["recovery_factor"]) == (100.0, -0.5)


def test_scratches_neither_break_nor_extend_a_run(book):
    book.close("10", "0", "10", "-5", "0", "-5", "-5")
    figures, _ = book.summary()
    assert (figures["max_consecutive_wins"], figures["max_consecutive_losses"]) == (2, 3)
    assert (figures["win_count"], figures["loss_count"], figures["scratch_count"]) == (2, 3, 2)
    assert (figures["win_rate"], figures["win_loss_ratio"]) == (2 / 7, 2 / 3)


def test_sharpe_counts_weekdays_and_other_days_with_a_trade(book):
    """Monday +100, Saturday -50: six days, the Sunday is none."""
    make_trade(book.ana, pnl="100", day=2)
    make_trade(book.ana, pnl="-50", day=7)
    figures, _ = book.summary(start_date="2026-03-02", end_date="2026-03-08")
    days = [100, 0, 0, 0, 0, -50]
    mean = sum(days) / 6
    spread = sqrt(sum((x - mean) ** 2 for x in days) / 5)
    assert isclose(figures["sharpe"], sqrt(252) * mean / spread, rel_tol=1e-12)
    assert isclose(figures["sortino"], sqrt(252) * mean / sqrt(2500 / 6), rel_tol=1e-12)
    assert isclose(figures["sqn"], sqrt(2) * 25 / sqrt(11250), rel_tol=1e-12)


def test_what_is_undefined_is_null_with_its_reason(book):
    book.close("10", "10")
    figures, notes = book.summary()
    for name in ("profit_factor", "win_loss_ratio", "average_loss", "payoff_ratio", "largest_loss",
                 "recovery_factor", "sortino", "sqn"):  # fmt: skip
        assert figures[name] is None
        assert name in notes
    assert (figures["trade_count"], figures["gross_loss"], figures["max_drawdown"]) == (2, 0.0, 0.0)


def test_a_group_may_call_a_tick_a_scratch(book, desk):
    desk.group.scratch_ticks = 1
    desk.group.save()
    book.close("12.50", "-12.50", "25", "-25")
    figures, _ = book.summary()
    assert (figures["win_count"], figures["loss_count"], figures["scratch_count"]) == (1, 1, 2)
    assert (figures["average_win"], figures["average_loss"]) == (25.0, -25.0)
    assert (figures["gross_profit"], figures["gross_loss"]) == (37.5, -37.5)
