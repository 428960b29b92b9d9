"""A day minute by minute: the worked examples, and what may be asked by whom."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from futures.models import FxRate
from ledger.actions import release_held
from ledger.models import Position, Trade
from tests.factories import (
    AT,
    make_account,
    make_trade,
)
from tests.personal.charts import CL, ES, OVERNIGHT, bars, candle, trade

URL = "intraday-pnl"
DAY = "2026-03-10"
LONG = [
    candle("14:30", 0, 100, 0, 100),
    candle("14:31", 100, 300, 50, 250),
    candle("14:32", 250, 300, 250, 250),
    candle("14:33", 250, 250, 212.5, 212.5),
]
SHORT = [
    candle("14:31", 0, 0, -50, -50),
    candle("14:32", -50, 100, -200, 50),
    candle("14:33", 50, 100, 50, 100),
]
AGAIN = [candle("14:40", 212.5, 212.5, 162.5, 162.5)]


@pytest.fixture
def read(desk, ask):
    """Return a way to ask for a day, as ana unless told otherwise."""

    def get(user=None, day=DAY, **params):
        return ask(user or desk.ana, URL, date=day, **params)

    return get


@pytest.fixture
def account(desk):
    return desk.ana.trader.accounts.get()


def by_product(answer):
    """Return the candles of each trade by the symbol of its product."""
    return {
        one["product"]["symbol"]: [trade["candles"] for trade in one["trades"]]
        for one in answer["data"]["Individual"]
    }


def together(answer):
    return answer["data"]["Aggregated"]["candles"]


def test_the_long_of_the_definitions(read, account):
    bars("ES", ES)
    trade(account, "ES", (2, "5000", "14:30:20"), (-1, "5003", "14:32:10"),
          (-1, "5001.25", "14:33:40"))  # fmt: skip

    answer = read()
    assert by_product(answer) == {"ES": [LONG]}
    assert together(answer) == LONG
    one = Trade.objects.get()
    assert answer["data"]["Individual"][0]["trades"][0]["trade_info"] == {
        "id": str(one.id),
        "contract": "ES Mar26",
        "side": "long",
        "quantity": 2,
        "opened_at": "2026-03-10T14:30:20Z",
        "closed_at": "2026-03-10T14:33:40Z",
        "entry_price": 5000.0,
        "exit_price": 5002.125,
        "pnl": 212.5,
        "total_fills": 3,
    }
    assert answer["meta"]["start_date"] == answer["meta"]["end_date"] == DAY
    assert answer["meta"]["notes"] == []


def test_the_short_of_the_definitions(read, account):
    bars("CL", CL)
    trade(account, "CL", (-1, "70.00", "14:31:05"), (1, "69.90", "14:33:30"))

    assert by_product(read()) == {"CL": [SHORT]}
    assert together(read()) == SHORT


def test_both_at_once_and_the_next_trade_carried_forward(read, account):
    bars("ES", ES)
    bars("CL", CL)
    trade(account, "ES", (2, "5000", "14:30:20"), (-1, "5003", "14:32:10"),
          (-1, "5001.25", "14:33:40"))  # fmt: skip
    trade(account, "ES", (1, "5001", "14:40:01"), (-1, "5000", "14:40:50"))
    trade(account, "CL", (-1, "70.00", "14:31:05"), (1, "69.90", "14:33:30"))

    answer = read()
    assert by_product(answer) == {"CL": [SHORT], "ES": [LONG, AGAIN]}
    assert together(answer) == [
        candle("14:30", 0, 100, 0, 100),  # ES alone
        candle("14:31", 100, 200, 100, 200),  # both: the sums of opens and closes
        candle("14:32", 200, 300, 200, 300),
        candle("14:33", 300, 312.5, 300, 312.5),
        candle("14:40", 312.5, 312.5, 262.5, 262.5),  # ES alone, CL stands at 100
    ]


def test_a_product_is_told_as_in_products(read, account, as_user, desk):
    trade(account, "ES", (1, "5000", "14:30:20"), (-1, "5003", "14:32:10"))

    known = as_user(desk.ana).get("/api/v1/products").json()["data"]
    assert read()["data"]["Individual"][0]["product"] in known


def test_overnight(read, account):
    bars("ES", OVERNIGHT)
    trade(account, "ES", (1, "5000", "22:30:00"), (-1, "5001", "11 00:10:00"))

    first, second = read(), read(day="2026-03-11")
    assert together(first)[-1]["close"] == 100.0
    assert together(second) == [candle("11 00:10", 0, 0, -50, -50)]
    infos = [
        answer["data"]["Individual"][0]["trades"][0]["trade_info"] for answer in (first, second)
    ]
    assert infos[0] == infos[1]
    assert infos[0]["pnl"] == 50.0
    for day in ("2026-03-09", "2026-03-12"):
        assert read(day=day)["data"] == {"Individual": [], "Aggregated": {"candles": []}}


def test_a_position_that_is_only_held_shows_too(read, account):
    bars("ES", OVERNIGHT)
    bars("ES", [("11 09:00", "5001", "5004", "5000", "5003")])
    trade(account, "ES", (1, "5000", "22:30:00"))

    assert together(read(day="2026-03-11")) == [candle("11 09:00", 0, 100, -100, 50)]


def test_an_open_position_has_no_end_yet(read, account):
    bars("ES", ES)
    trade(account, "ES", (3, "5000", "14:30:20"), (-1, "5003", "14:32:10"),
          (1, "5001", "14:32:40"))  # fmt: skip

    answer = read()
    (one,) = answer["data"]["Individual"][0]["trades"]
    assert one["trade_info"] == {
        "id": str(Position.objects.get().trade_id),
        "contract": "ES Mar26",
        "side": "long",
        "quantity": 4,
        "opened_at": "2026-03-10T14:30:20Z",
        "closed_at": None,
        "entry_price": 5000.25,
        "exit_price": None,
        "pnl": None,
        "total_fills": 3,
    }
    assert len(one["candles"]) == 3
    assert answer["meta"]["notes"] == [
        "1 trade is still open: closed_at, exit_price and pnl are null"
    ]


def test_nothing_is_held_on_a_day_to_come(read, account):
    trade(account, "ES", (1, "5000", "14:30:20"))

    assert len(read()["data"]["Individual"]) == 1
    answer = read(day="2199-12-31")
    assert answer["data"] == {"Individual": [], "Aggregated": {"candles": []}}
    assert answer["meta"]["notes"] == []


def test_a_flip_opens_with_what_it_leaves(read, account):
    trade(account, "ES", (2, "5000", "14:30:20"), (-5, "5010", "14:31:10"),
          (-1, "5014", "14:31:20"))  # fmt: skip

    first, second = read()["data"]["Individual"][0]["trades"]
    assert (first["trade_info"]["quantity"], first["trade_info"]["closed_at"]) == (
        2, "2026-03-10T14:31:10Z",
    )  # fmt: skip
    told = second["trade_info"]
    assert (told["side"], told["quantity"], told["entry_price"]) == ("short", 4, 5011.0)
    assert (told["opened_at"], told["total_fills"]) == ("2026-03-10T14:31:10Z", 2)
    assert second["candles"][0]["open"] == first["candles"][-1]["close"] == 1000.0


def test_two_months_and_two_accounts_are_one_product(read, account, desk):
    """Two lines of ES in one minute: neither high of its own shows in the sum."""
    bars(
        "ES", [("14:30", "5000", "5010", "4990", "5001"), ("14:31", "5001", "5003", "4999", "5002")]
    )
    other = make_account(desk.ana.trader)
    trade(account, "ES", (1, "5000", "14:30:10"), (-1, "5002", "14:32:00"))
    trade(other, "ES", (-1, "5100", "14:31:30"), (1, "5090", "14:31:40"), month="Jun26")

    answer = read()
    first, second = by_product(answer)["ES"]
    assert first == [
        candle("14:30", 0, 50, 0, 50),
        candle("14:31", 50, 150, -50, 100),
        candle("14:32", 100, 100, 100, 100),
    ]
    assert second == [candle("14:31", 50, 550, 50, 550)]  # from where ES stood at 14:31
    assert together(answer) == [
        candle("14:30", 0, 50, 0, 50),
        candle("14:31", 50, 600, 50, 600),
        candle("14:32", 600, 600, 600, 600),
    ]


def test_fees_are_in_the_candles(read, account):
    trade(account, "ES", (1, "5000", "14:30:10"), (-1, "5001", "14:32:00"), fees="2.25")

    assert together(read()) == [
        candle("14:30", 0, 0, -2.25, -2.25),
        candle("14:32", -2.25, 45.5, -2.25, 45.5),
    ]


def test_a_missing_rate_leaves_no_candles_and_its_reason(read, account):
    trade(account, "FGBL", (1, "130", "14:30:10"), (-1, "131", "14:32:00"), month="Jun26")
    trade(account, "ES", (1, "5000", "14:30:10"), (-1, "5001", "14:32:00"))

    answer = read()
    assert by_product(answer)["FGBL"] == [[]]
    assert answer["data"]["Individual"][1]["trades"][0]["trade_info"]["pnl"] is None
    assert answer["meta"]["notes"] == [
        "pnl of 1 trade is null: no EUR rate for 2026-03-10",
        "Candles are held back: no EUR rate for 2026-03-10",
    ]

    FxRate.objects.create(currency="EUR", day=date(2026, 3, 10), usd_per_unit=Decimal("1.1"))
    release_held(currency="EUR", at=AT)
    answer = read()
    assert by_product(answer)["FGBL"][0][-1] == candle("14:32", 0, 1100, 0, 1100)
    assert answer["meta"]["notes"] == []


def test_a_copied_trade_is_told_without_candles(read, desk):
    one = make_trade(desk.ana, day=10)
    Trade.objects.filter(id=one.id).update(is_copied=True)
    Position.objects.all().delete()

    answer = read()
    (shown,) = answer["data"]["Individual"][0]["trades"]
    assert (shown["trade_info"]["id"], shown["candles"]) == (str(one.id), [])
    assert "1 trade is copied from production" in answer["meta"]["notes"][0]
