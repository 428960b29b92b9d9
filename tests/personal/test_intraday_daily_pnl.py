"""A period day by day: the worked examples, synthetic candles, what is held back."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from futures.models import FxRate
from ledger.actions import release_held
from ledger.candles import keep
from ledger.models import Position, Trade
from tests.factories import AT, make_account, make_trade, make_trader, make_user
from tests.personal.charts import CL, ES, OVERNIGHT, bars, trade
from tests.personal.conftest import MARCH

URL = "intraday-daily-pnl"


def row(day, high, low, close, trades, realized):
    """A day as the API tells it."""
    return {
        "date": f"2026-03-{day:02}",
        "open_pnl": 0.0,
        "high_pnl": float(high),
        "low_pnl": float(low),
        "close_pnl": float(close),
        "total_trades": trades,
        "close_pnl_from_fills": None if realized is None else float(realized),
    }


@pytest.fixture
def read(desk, ask):
    """Return a way to ask for March once all candles are made, as ana unless told otherwise."""

    def get(user=None, *, made=True, **params):
        if made:
            keep(at=AT)
        return ask(user or desk.ana, URL, **{**MARCH, **params})

    return get


@pytest.fixture
def account(desk):
    return desk.ana.trader.accounts.get()


def by_product(answer):
    return {one["product"]["symbol"]: one["candles"] for one in answer["data"]["Individual"]}


def together(answer):
    return answer["data"]["Aggregated"]["candles"]


def long_es(account):
    trade(account, "ES", (2, "5000", "14:30:20"), (-1, "5003", "14:32:10"),
          (-1, "5001.25", "14:33:40"))  # fmt: skip


def short_cl(account):
    trade(account, "CL", (-1, "70.00", "14:31:05"), (1, "69.90", "14:33:30"))


def test_the_worked_examples(read, account):
    bars("ES", ES)
    bars("CL", CL)
    long_es(account)
    short_cl(account)

    answer = read()
    assert by_product(answer) == {
        "CL": [row(10, 100, -200, 100, 1, 100)],
        "ES": [row(10, 300, 0, 212.5, 1, 212.5)],
    }
    assert list(by_product(answer)) == ["CL", "ES"]
    assert together(answer) == [row(10, 312.5, 0, 312.5, 2, 312.5)]
    assert (answer["meta"]["start_date"], answer["meta"]["end_date"]) == tuple(MARCH.values())
    assert answer["meta"]["notes"] == []


def test_the_next_trade_of_the_day_goes_on_from_the_last(read, account):
    bars("ES", ES)
    long_es(account)
    trade(account, "ES", (1, "5001", "14:40:01"), (-1, "5000", "14:40:50"))

    assert by_product(read()) == {"ES": [row(10, 300, 0, 162.5, 2, 162.5)]}


def test_overnight(read, account):
    """+100 at the day's last bar, then -50; the fills realised all of it on the second day."""
    bars("ES", OVERNIGHT)
    bars("ES", [("11 00:12", "5001", "5001", "5001", "5001")])
    trade(account, "ES", (1, "5000", "22:30:00"), (-1, "5001", "11 00:10:00"))

    days = [row(10, 125, 0, 100, 0, 0), row(11, 0, -50, -50, 1, 50)]
    assert by_product(read()) == {"ES": days}
    assert together(read()) == days


def test_a_day_that_is_only_held(read, account):
    bars("ES", OVERNIGHT)
    bars("ES", [("11 09:00", "5001", "5004", "5000", "5003")])
    trade(account, "ES", (1, "5000", "22:30:00"))

    assert by_product(read())["ES"] == [row(10, 125, 0, 100, 0, 0), row(11, 100, -100, 50, 0, 0)]
    week = {"start_date": "2026-03-11", "end_date": "2026-03-11"}
    assert together(read(**week)) == [row(11, 100, -100, 50, 0, 0)]


def test_without_bars_only_the_fills_are_told(read, account):
    long_es(account)

    day = row(10, 0, 0, 0, 0, 212.5)
    assert by_product(read()) == {"ES": [day]}
    assert together(read()) == [day]


def test_a_product_without_bars_beside_one_that_has_them(read, account):
    bars("ES", ES)
    long_es(account)
    short_cl(account)

    answer = read()
    assert by_product(answer) == {
        "CL": [row(10, 0, 0, 0, 0, 100)],
        "ES": [row(10, 300, 0, 212.5, 1, 212.5)],
    }
    assert together(answer) == [row(10, 300, 0, 212.5, 1, 312.5)]  # the candle is of ES alone


def test_a_flat_day_ends_where_its_fills_do(read, account):
    bars("ES", ES)
    bars("CL", CL)
    long_es(account)
    short_cl(account)
    trade(account, "ES", (-3, "5001.25", "14:30:40"), (3, "5002.75", "14:31:10"), fees="2.18",
          month="Jun26")  # fmt: skip
    answer = read()
    for day in [*together(answer), *(d for days in by_product(answer).values() for d in days)]:
        assert day["close_pnl"] == day["close_pnl_from_fills"]


def test_fees_of_an_open_position_are_realised(read, account):
    bars("ES", ES)
    trade(account, "ES", (1, "5000", "14:30:20"), fees="2.25")

    assert by_product(read())["ES"] == [row(10, 172.75, -2.25, 97.75, 0, -2.25)]


def test_two_accounts_are_one_trader(read, account, desk):
    """Their candles are no sums: what one made when the other stood elsewhere is merged."""
    bars("ES", ES)
    other = make_account(desk.ana.trader)
    long_es(account)
    trade(other, "ES", (-1, "5003", "14:31:30"), (1, "5001", "14:40:00"))
    trade(make_account(desk.ana.trader, is_sim=True), "ES", (1, "5000", "14:30:20"),
          (-1, "5008", "14:40:00"))  # fmt: skip

    answer = read()
    (day,) = by_product(answer)["ES"]
    assert (day["close_pnl"], day["total_trades"]) == (312.5, 2)
    assert day["close_pnl_from_fills"] == 312.5
    assert together(answer) == [day]
    (sim,) = together(read(sim="true"))
    assert (sim["close_pnl"], sim["total_trades"]) == (400.0, 1)


def test_a_missing_rate_holds_the_day_back_and_says_so(read, account):
    bars("FGBL", [("14:30", "130", "131", "129", "130.5")])
    bars("ES", ES)
    trade(account, "FGBL", (1, "130", "14:30:10"), (-1, "131", "14:32:00"))
    long_es(account)

    answer = read()
    assert by_product(answer) == {
        "ES": [row(10, 300, 0, 212.5, 1, 212.5)],
        "FGBL": [row(10, 0, 0, 0, 0, None)],
    }
    assert together(answer) == [row(10, 0, 0, 0, 0, None)]  # a sum that lacks a part is none
    assert answer["meta"]["notes"] == [
        "close_pnl_from_fills is null: no EUR rate for 2026-03-10",
        "Candles are held back: no EUR rate for 2026-03-10",
    ]

    FxRate.objects.create(currency="EUR", day=date(2026, 3, 10), usd_per_unit=Decimal("1.1"))
    release_held(currency="EUR", days=[date(2026, 3, 10)], at=AT)
    answer = read()
    assert by_product(answer)["FGBL"][0]["close_pnl_from_fills"] == 1100.0
    assert by_product(answer)["FGBL"][0]["close_pnl"] == 1100.0
    assert together(answer)[0]["close_pnl"] == 1312.5
    assert answer["meta"]["notes"] == []


def test_many_missing_rates_are_summed_up(read, account):
    for day in range(2, 14):
        trade(account, "FGBL", (1, "130", f"{day:02} 09:00:00"), (-1, "131", f"{day:02} 09:01:00"))

    notes = read()["meta"]["notes"]
    mine = [note for note in notes if note.startswith("close_pnl_from_fills")]
    assert len(mine) == 11
    assert mine[-1] == "close_pnl_from_fills is null for 2 other reasons"


def test_what_is_being_made_is_told_and_felt_when_it_is_there(read, account):
    long_es(account)
    read()
    bars("ES", ES)

    answer = read(made=False)
    assert by_product(answer) == {"ES": [row(10, 0, 0, 0, 0, 212.5)]}
    (note,) = answer["meta"]["notes"]
    assert "2026-03-10" in note
    assert "being made" in note
    answer = read()
    assert by_product(answer) == {"ES": [row(10, 300, 0, 212.5, 1, 212.5)]}
    assert answer["meta"]["notes"] == []


def test_a_copied_trade_has_no_day(read, desk):
    one = make_trade(desk.ana, day=10)
    Trade.objects.filter(id=one.id).update(is_copied=True)
    Position.objects.all().delete()
    assert together(read())[0]["high_pnl"] == 0.0


def test_any_length_of_period_is_one_answer(read, account):
    bars("ES", OVERNIGHT)
    trade(account, "ES", (1, "5000", "22:30:00"))
    whole = {"start_date": "1970-01-01", "end_date": "2199-12-31"}

    assert read(**whole)["data"] == read()["data"]


def test_who_sees_what(read, desk, as_user):
    for user, price in ((desk.ana, "5001"), (desk.bo, "5002"), (desk.otto, "5004")):
        mine = user.trader.accounts.get()
        trade(mine, "ES", (1, "5000", "14:30:10"), (-1, price, "14:30:20"))

    def made(*args, **params):
        return [day["close_pnl_from_fills"] for day in together(read(*args, **params))]

    assert made() == [50.0]
    assert made(sim="true") == []
    assert made(desk.otto) == [200.0]  # opted out: the own stays
    assert made(desk.cora, trader=desk.bo.trader_id) == [100.0]
    assert made(desk.cora, trader=make_trader(desk.group, is_archived=True).pk) == []
    for user in (desk.cora, make_user("una", group=desk.group)):
        answer = read(user)
        assert answer["data"] == {"Individual": [], "Aggregated": {"candles": []}}
        assert answer["meta"]["trader"] is None
    refused = as_user(desk.ana).get(
        f"/api/v1/personal/{URL}", {**MARCH, "trader": desk.bo.trader_id}
    )
    assert refused.status_code == 403
