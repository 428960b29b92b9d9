"""A day minute by minute: who may ask for what, and how long it is kept."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import time_machine

from common import store
from tests.factories import make_account, make_trader, make_user
from tests.personal.charts import bars, candle, trade
from tests.personal.test_intraday_pnl import DAY, URL, by_product, together


@pytest.fixture
def read(desk, ask):
    """Return a way to ask for a day, as ana unless told otherwise."""

    def get(user=None, day=DAY, **params):
        return ask(user or desk.ana, URL, date=day, **params)

    return get


@pytest.fixture
def account(desk):
    return desk.ana.trader.accounts.get()


def test_who_sees_what(read, account, desk, as_user):
    for user, price in ((desk.ana, "5001"), (desk.bo, "5002"), (desk.otto, "5004")):
        mine = user.trader.accounts.get()
        trade(mine, "ES", (1, "5000", "14:30:10"), (-1, price, "14:30:20"))
    trade(make_account(desk.ana.trader, is_sim=True), "ES", (1, "5000", "14:30:10"),
          (-1, "5008", "14:30:20"))  # fmt: skip

    def made(*args, **params):
        return [row["close"] for row in together(read(*args, **params))]

    assert made() == [50.0]
    assert made(sim="true") == [400.0]
    assert made(desk.otto) == [200.0]  # opted out: the own stays
    assert made(desk.cora, trader=desk.bo.trader_id) == [100.0]
    archived = make_trader(desk.group, is_archived=True)
    assert made(desk.cora, trader=archived.pk) == []
    for user in (desk.cora, make_user("una", group=desk.group)):
        answer = read(user)
        assert answer["data"] == {"Individual": [], "Aggregated": {"candles": []}}
        assert answer["meta"]["trader"] is None
    refused = as_user(desk.ana).get(
        f"/api/v1/personal/{URL}", {"date": DAY, "trader": desk.bo.trader_id}
    )
    assert refused.status_code == 403


@pytest.mark.parametrize(
    "params", [{}, {"date": "2026-02-30"}, {"date": "yesterday"}, {"date": [DAY, DAY]},
               {"date": "1969-12-31"}]
)  # fmt: skip
def test_a_bad_day_is_refused_by_name(desk, as_user, params):
    answer = as_user(desk.ana).get(f"/api/v1/personal/{URL}", params)
    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == ["date"]


def test_today_is_kept_for_a_minute_and_a_past_day_for_an_hour(read, account):
    trade(account, "ES", (1, "5000", "14:30:10"))

    def life():
        (key,) = store.ask(lambda client: client.keys(store.key("query", "*intraday_pnl*")))
        left = store.ask(lambda client: client.pttl(key))
        store.ask(lambda client: client.delete(key))
        return left / 1000

    for moment, least, most in (
        (datetime(2026, 3, 10, 15, tzinfo=UTC), 50, 67),
        (datetime(2026, 3, 9, 23, tzinfo=UTC), 50, 67),  # a clock that goes slow
        (datetime(2026, 3, 11, 0, 0, 1, tzinfo=UTC), 3200, 3970),
    ):
        with time_machine.travel(moment, tick=False):
            read()
        assert least <= life() <= most


def test_a_new_fill_is_felt_while_the_cache_is_warm(read, account):
    trade(account, "ES", (1, "5000", "14:30:10"))
    assert read()["meta"]["notes"]
    trade(account, "ES", (-1, "5001", "14:31:10"))
    answer = read()
    assert together(answer)[-1] == candle("14:31", 0, 50, 0, 50)
    assert answer["meta"]["notes"] == []


def test_a_day_of_many_candles_is_quick_to_write(read, account):
    """Eight hours of one-minute bars of two products; every figure is there."""
    minutes = [f"{hour:02}:{minute:02}" for hour in range(9, 17) for minute in range(60)]
    for symbol in ("ES", "CL"):
        bars(symbol, [(at, "100", "101", "99", "100.5") for at in minutes])
        trade(account, symbol, (1, "100", "09:00:00"), (-1, "100", "16:59:59"))

    answer = read()
    assert [len(candles) for found in by_product(answer).values() for candles in found] == [480] * 2
    assert [row["datetime"] for row in together(answer)] == [f"{DAY}T{at}:00Z" for at in minutes]
