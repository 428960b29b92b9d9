"""The day's best trades: their minutes in dollars and as an index, how many, and what it costs."""

from __future__ import annotations

from typing import Any

import pytest

from comparative import examples
from ledger.models import Trade
from tests.comparative.tops import DAY, URL, WHITELIST, columns, trade_of
from tests.factories import make_trade, make_trader
from tests.snapshots import matches_snapshot

pytestmark = pytest.mark.usefixtures("april")


def test_admins_read_the_worked_example_in_dollars(desk, bars, top):
    trade = trade_of(desk.ana)
    found = top(desk.cora)
    (row,) = found["data"]
    assert columns(row) == [
        (0, 100, 0, 100), (100, 300, 50, 250), (250, 300, 250, 250), (250, 250, 212.5, 212.5),
    ]  # fmt: skip
    assert row["candles"][0]["datetime"] == "2026-03-02T14:30:00Z"
    assert (row["id"], row["side"], row["pnl"]) == (str(trade.pk), "long", 212.5)
    assert (row["trader"], row["trader_name"], row["is_own"]) == (desk.ana.trader_id, "Ana", False)
    assert row["opened_at"] == "2026-03-02T14:30:20.123456Z"
    meta = found["meta"]
    assert (meta["obfuscated"], meta["unit"], meta["limit"]) == (False, "USD", 5)


def test_others_read_it_in_hundredths_of_its_own_largest(desk, bars, top):
    trade_of(desk.ana, lots=7, fees="2.50")
    found = top(desk.bo)
    (row,) = found["data"]
    assert columns(row) == [(0, 33, 0, 33), (33, 100, 17, 83), (83, 100, 83, 83), (83, 83, 71, 71)]
    assert row.keys() == WHITELIST
    assert (row["product"], row["is_own"]) == ("ES", False)
    meta = found["meta"]
    assert (meta["obfuscated"], meta["unit"], meta["limit"]) == (True, "index", 5)
    assert (meta["start_date"], meta["end_date"]) == ("2026-03-02", "2026-03-02")


def test_without_bars_there_are_the_minutes_of_the_fills(desk, top):
    trade_of(desk.ana)
    for user, closes in ((desk.cora, [0, 300, 212.5]), (desk.bo, [0, 100, 71])):
        (row,) = top(user)["data"]
        stamps = [candle["datetime"][11:16] for candle in row["candles"]]
        assert stamps == ["14:30", "14:32", "14:33"]
        assert [close for *_, close in columns(row)] == closes


def test_the_number_is_the_admins_choice_and_nobody_elses(desk, as_user, top, settings):
    for pnl in range(1, 8):
        make_trade(desk.bo, pnl=str(pnl))
    assert [row["pnl"] for row in top(desk.cora)["data"]] == [7, 6, 5, 4, 3]
    assert [row["pnl"] for row in top(desk.cora, limit=2)["data"]] == [7, 6]
    assert len(top(desk.cora, limit=50)["data"]) == 7
    assert top(desk.cora, limit=50)["meta"]["limit"] == 50

    client = as_user(desk.ana)
    plain = client.get(URL, DAY)
    assert (len(plain.json()["data"]), plain.json()["meta"]["limit"]) == (5, 5)
    for limit in (1, 2, 5, 6, 50):
        assert client.get(URL, {**DAY, "limit": limit}).content == plain.content
    settings.TOP_INTRADAY_LIMIT = 3
    assert (len(top(desk.ana)["data"]), top(desk.ana)["meta"]["limit"]) == (3, 3)
    assert len(top(desk.cora)["data"]) == 3


def test_of_equals_the_one_that_closed_first_is_among_them(desk, top):
    trades = [make_trade(desk.bo, pnl="10") for _ in range(4)]
    shown = [row["id"] for row in top(desk.cora, limit=3)["data"]]
    assert shown == [str(trade.pk) for trade in trades[:3]]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("limit", "0"), ("limit", "51"), ("limit", "-1"), ("limit", "five"), ("limit", "1.0"),
        ("limit", ["1", "2"]), ("date", "2026-02-30"), ("date", "02.03.2026"), ("date", None),
        ("date", ["2026-03-02", "2026-03-03"]),
    ],
)  # fmt: skip
def test_bad_parameters_are_refused_by_name(desk, as_user, field, value):
    params = {key: given for key, given in {**DAY, field: value}.items() if given is not None}
    for user in (desk.ana, desk.cora):
        answer = as_user(user).get(URL, params)
        assert answer.status_code == 400
        assert list(answer.json()["fields"]) == [field]


def test_a_day_that_is_not_covered_yet_is_empty(desk, top, settings):
    make_trade(desk.bo, day=2)
    settings.COMPARATIVE_DELAY_DAYS = 32  # up to March 2
    assert [len(top(user)["data"]) for user in (desk.ana, desk.cora)] == [1, 1]
    settings.COMPARATIVE_DELAY_DAYS = 33
    for user in (desk.ana, desk.cora):
        found = top(user)
        assert (found["data"], found["meta"]["data_through"]) == ([], "2026-03-01")
        assert (top(user, date="2199-12-31")["data"], top(user, date="1970-01-01")["data"]) == (
            [],
            [],
        )


def test_copied_trades_have_no_candles(desk, top):
    trade = make_trade(desk.bo)
    Trade.objects.filter(pk=trade.pk).update(is_copied=True)
    for user in (desk.ana, desk.cora):
        found = top(user)
        assert found["data"][0]["candles"] == []
        assert found["meta"]["notes"] == [
            "Trades that were copied without their fills have no candles"
        ]


COLD, WARM = {"ana": 13, "cora": 14}, {"ana": 2, "cora": 3}


def test_costs_the_same_however_many_trade(desk, as_user, django_assert_num_queries):
    for size in (1, 12):
        for _ in range(size):
            trader = make_trader(desk.group)
            for symbol in ("ES", "CL", "GC"):
                make_trade(trader, symbol=symbol)
        for name in COLD:
            client = as_user(getattr(desk, name))
            for number in (COLD[name], WARM[name]):
                with django_assert_num_queries(number):
                    client.get(URL, {**DAY, "limit": 50})


def test_viewers_who_see_the_same_share_the_cache(desk, as_user, django_assert_num_queries):
    make_trade(desk.ana)
    ana, bo, cora = (as_user(user) for user in (desk.ana, desk.bo, desk.cora))
    ana.get(URL, DAY)
    with django_assert_num_queries(WARM["ana"]):
        bo.get(URL, DAY)
    with django_assert_num_queries(COLD["cora"]):  # an admin sees otto, and dollars
        cora.get(URL, DAY)


@pytest.mark.parametrize("name", ["ana", "cora"])
def test_the_body(desk, bars, top, name):
    trade_of(desk.ana, fees="1.25")
    trade_of(desk.bo, lots=2, symbol="CL")
    body = top(getattr(desk, name))
    body["data"].sort(key=lambda row: row["product"])
    for row in body["data"]:  # numbers of this run
        row["id"] = "..."
        if "trader" in row:
            row["trader"] = 0
    form = "index" if name == "ana" else "usd"
    assert matches_snapshot(f"comparative/top-intraday-{form}", body)
    if form == "index":
        example: Any = examples.TOP_INTRADAY
        assert sorted(example["meta"]) == sorted(body["meta"])
        assert sorted(example["data"][0]) == sorted(body["data"][0])
        assert example["data"][0]["candles"][0].keys() == body["data"][0]["candles"][0].keys()
