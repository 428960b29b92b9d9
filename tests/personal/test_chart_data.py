"""A trade as it is drawn into a chart."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from ledger.actions import record_fills
from ledger.models import Position, Trade
from tests.factories import AT, make_account, make_contract, make_trade, new_fill
from tests.personal.conftest import of
from tests.seeded import seed_books

START = datetime(2026, 3, 2, 14, 30, 20, 123456, tzinfo=UTC)


def url(trade_id, slash=""):
    return f"/api/v1/personal/trades/{trade_id}/chart-data{slash}"


def drawn(ask, user, trade_id, **params):
    return ask(user, f"trades/{trade_id}/chart-data", **params)["data"]


def record(account, *rows, contract=None):
    """Report (signed contracts, seconds after START) at 100, 101, ...; return the trades."""
    contract = contract or make_contract()
    fills = [
        new_fill(
            account, contract, f"e{n}", 1 if size > 0 else -1, abs(size), Decimal(100 + n),
            START + timedelta(seconds=after),
        )
        for n, (size, after) in enumerate(rows)
    ]  # fmt: skip
    record_fills(fills, at=AT)
    return list(Trade.objects.filter(account=account).order_by("opened_ns"))


def test_what_the_prices_are_asked_for(desk, ask):
    (trade,) = record(desk.ana.trader.accounts.get(), (2, 0), (-1, 110), (-1, 200))

    found = ask(desk.ana, f"trades/{trade.id}/chart-data")
    assert found["data"] | {"trade": None} == {
        "trade": None,
        "contract": "ES Mar26",
        "fills": [
            {
                "datetime": "2026-03-02T14:30:20.123456Z",
                "side": "buy",
                "price": 100.0,
                "quantity": 2,
            },
            {
                "datetime": "2026-03-02T14:32:10.123456Z",
                "side": "sell",
                "price": 101.0,
                "quantity": 1,
            },
            {
                "datetime": "2026-03-02T14:33:40.123456Z",
                "side": "sell",
                "price": 102.0,
                "quantity": 1,
            },
        ],
        "timeframe": "1min",
        "start_date": "2026-03-02",
        "end_date": "2026-03-02",
    }
    assert found["data"]["trade"] == ask(desk.ana, "trades")["data"][0]
    assert found["meta"]["trader"] == desk.ana.trader_id
    assert found["meta"]["start_date"] is found["meta"]["end_date"] is None


DAY = 86_400


@pytest.mark.parametrize(
    ("held", "timeframe", "end"),
    [
        (0, "1min", "2026-03-02"),
        (DAY - 1, "1min", "2026-03-03"),
        (DAY, "15min", "2026-03-03"),
        (40 * DAY, "15min", "2026-04-11"),
    ],
)
def test_a_trade_of_a_day_or_more_is_drawn_by_the_quarter(desk, ask, held, timeframe, end):
    (trade,) = record(desk.ana.trader.accounts.get(), (1, 0), (-1, held))

    found = drawn(ask, desk.ana, trade.id)
    assert (found["timeframe"], found["start_date"]) == (timeframe, "2026-03-02")
    assert found["end_date"] == end


def test_of_a_flip_each_trade_has_its_part(desk, ask):
    first, second = record(desk.ana.trader.accounts.get(), (2, 0), (-5, 60), (1, 120), (2, 180))

    sizes = [[f["quantity"] for f in drawn(ask, desk.ana, t.id)["fills"]] for t in (first, second)]
    assert sizes == [[2, 2], [3, 1, 2]]


@pytest.mark.parametrize("seed", range(2))
def test_the_fills_are_those_of_the_trade(desk, ask, seed):
    mine = of(desk.ana, seed_books(desk, seed))
    names = ("datetime", "side", "price", "quantity")
    for trade in mine[:8]:
        detail = ask(desk.ana, f"trades/{trade.id}")["data"]
        found = drawn(ask, desk.ana, trade.id)
        assert found["fills"] == [{n: fill[n] for n in names} for fill in detail["fills"]]
        assert found["trade"] == {name: detail[name] for name in found["trade"]}


def test_a_copied_trade_is_refused_with_its_reason(desk, as_user):
    trade = make_trade(desk.ana)
    Trade.objects.filter(id=trade.id).update(is_copied=True)

    answer = as_user(desk.ana).get(url(trade.id))
    assert answer.status_code == 404
    assert answer.json() == {
        "error": "The trade was copied from production without its fills: "
        "ask production for its chart",
        "code": "copied_trade",
    }


def test_a_strangers_copied_trade_is_a_missing_one(desk, as_user):
    trade = make_trade(desk.bo)
    Trade.objects.filter(id=trade.id).update(is_copied=True)

    assert as_user(desk.ana).get(url(trade.id)).json()["code"] == "unknown_trade"


@pytest.mark.parametrize("slash", ["", "/"])
def test_a_strangers_trade_is_a_missing_one(desk, as_user, slash):
    theirs = [make_trade(user).id for user in (desk.bo, desk.otto, desk.sven)]
    sim = make_trade(desk.ana, sim=True).id

    def answer(trade_id, **params):
        found = as_user(desk.ana).get(url(trade_id, slash), params)
        return found.status_code, found.content

    missing = answer(uuid4())
    assert missing[0] == 404
    assert {answer(trade_id) for trade_id in (*theirs, sim)} == {missing}
    assert answer(sim, sim="true")[0] == 200


def test_an_open_position_is_no_trade_yet(desk, as_user, open_position):
    open_position(desk.ana)
    answer = as_user(desk.ana).get(url(Position.objects.get().trade_id))
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_trade")


def test_an_admin_reads_a_traders_trade(desk, ask, as_user):
    trade = make_trade(desk.otto)
    found = ask(desk.cora, f"trades/{trade.id}/chart-data", trader=desk.otto.trader_id)
    assert found == ask(desk.otto, f"trades/{trade.id}/chart-data")
    answer = as_user(desk.ana).get(url(trade.id), {"trader": desk.otto.trader_id})
    assert (answer.status_code, answer.json()["code"]) == (403, "not_admin")


def test_needs_a_log_in(api, db):
    assert api.get(url(uuid4())).status_code == 401


def test_a_late_fill_is_felt_while_the_cache_is_warm(desk, ask):
    account, contract = desk.ana.trader.accounts.get(), make_contract()
    (trade,) = record(account, (2, 0), (-2, 100), contract=contract)
    assert len(drawn(ask, desk.ana, trade.id)["fills"]) == 2

    late = START + timedelta(seconds=50)
    record_fills(
        [
            new_fill(account, contract, "late1", 1, 1, Decimal(99), late),
            new_fill(account, contract, "late2", -1, 1, Decimal(98), late),
        ],
        at=AT,
    )
    assert len(drawn(ask, desk.ana, trade.id)["fills"]) == 4


def test_costs_few_queries_however_much_was_traded(desk, as_user, django_assert_num_queries):
    account = make_account(desk.ana.trader)
    (small,) = record(account, (1, 0), (-1, 1))
    (large,) = record(make_account(desk.ana.trader), *[(1, n) for n in range(300)], (-300, 300))
    client = as_user(desk.ana)
    for trade in (small, large):
        Trade.objects.filter(id=trade.id).update(mae_usd=0, mfe_usd=0)
        with django_assert_num_queries(7):  # scope, trade, tags, notes; trade, fills, last day
            client.get(url(trade.id))
        with django_assert_num_queries(4):  # scope, trade, tags and notes are never cached
            client.get(url(trade.id))
