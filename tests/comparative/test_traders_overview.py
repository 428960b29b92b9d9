"""The coach's table: for admins, everybody in it, one price however large the group."""

from __future__ import annotations

from typing import Any

import pytest

from comparative import examples
from tests.comparative.conftest import MARCH
from tests.factories import make_contract, make_group, make_trade, make_trader, make_user
from tests.snapshots import matches_snapshot

ADDRESS = "traders/overview"
URL = f"/api/v1/{ADDRESS}"


def names(answer):
    return [line["name"] for line in answer["data"]]


def test_everybody_active_is_there_the_best_first(desk, read):
    make_trader(desk.group, "Idle")
    make_trader(desk.group, "Nobody", accounts=0)
    make_trader(desk.group, "Gone", is_archived=True)
    for user, pnl in ((desk.ana, "-5"), (desk.bo, "5"), (desk.otto, "9"), (desk.sven, "99")):
        make_trade(user, pnl=pnl)
    make_trade(desk.bo, pnl="500", sim=True)
    found = read(desk.cora, ADDRESS)
    assert names(found) == ["Otto", "Bo", "Idle", "Nobody", "Ana"]
    assert [line["pnl"] for line in found["data"]] == [9.0, 5.0, 0.0, 0.0, -5.0]
    assert [line["opt_out"] for line in found["data"]] == [True, False, False, False, False]


def test_without_trades_zeros_and_nulls_with_reasons(desk, read):
    found = read(desk.cora, ADDRESS)
    assert found["data"][0] == {
        "id": desk.ana.trader_id, "name": "Ana", "opt_out": False, "pnl": 0.0, "trade_count": 0,
        "win_rate": None, "profit_factor": None, "expectancy": None, "max_drawdown": 0.0,
        "last_trade_at": None,
    }  # fmt: skip
    assert found["meta"]["notes"] == [
        f"{name} is null: no trade was closed in the period"
        for name in ("expectancy", "profit_factor", "win_rate")
    ]


def test_what_waits_for_a_rate_is_no_result_but_a_last_trade(desk, read):
    trade = make_trade(desk.ana, symbol="FGBL")
    found = read(desk.cora, ADDRESS)
    line = next(line for line in found["data"] if line["name"] == "Ana")
    assert (line["trade_count"], line["pnl"]) == (0, 0.0)
    assert line["last_trade_at"] == trade.closed_at.isoformat().replace("+00:00", "Z")
    assert found["meta"]["notes"][0] == "1 trade is held back: no EUR rate for 2026-03-02"


def test_in_some_products(desk, read):
    make_trade(desk.ana, pnl="1")
    make_trade(desk.ana, pnl="2", symbol="CL")
    make_trade(desk.ana, pnl="4", symbol="GC")
    some = [make_contract(symbol).product_id for symbol in ("CL", "GC")]
    assert read(desk.cora, ADDRESS, product=some)["data"][0]["pnl"] == 6.0
    assert read(desk.cora, ADDRESS, product=some[0])["data"][0]["pnl"] == 2.0


def test_who_may_not_ask(desk, as_user, api):
    def refusal(user):
        answer = as_user(user).get(URL, MARCH)
        return answer.status_code, answer.json()["code"]

    for user in (desk.ana, desk.otto, make_user(group=desk.group), make_user()):
        assert refusal(user) == (403, "not_admin")
    assert refusal(make_user(is_admin=True)) == (403, "no_group")
    closed = make_group(is_archived=True)
    assert refusal(make_user(group=closed, is_admin=True)) == (403, "no_group")
    assert api.get(URL, MARCH).status_code == 401


def test_the_own_opt_out_takes_nothing_from_an_admin(desk, read):
    desk.cora.opt_out = True
    desk.cora.save()
    assert len(names(read(desk.cora, ADDRESS))) == 3


def test_names_and_opt_outs_are_never_old(desk, read):
    make_trade(desk.ana)
    before = read(desk.cora, ADDRESS)["data"][0]
    desk.ana.opt_out = True
    desk.ana.save()
    desk.ana.trader.name = "Anna"
    desk.ana.trader.save()
    after = read(desk.cora, ADDRESS)["data"][0]
    assert after == {**before, "name": "Anna", "opt_out": True}
    desk.ana.trader.is_archived = True
    desk.ana.trader.save()
    assert names(read(desk.cora, ADDRESS)) == ["Bo", "Otto"]


def test_costs_six_queries_cold_and_two_warm(desk, april, as_user, django_assert_num_queries):
    for size in (0, 9):
        for number in range(size):
            trader = make_trader(desk.group, accounts=2)
            for symbol in ("ES", "CL"):
                make_trade(trader, day=2 + number, symbol=symbol)
        client = as_user(desk.cora)
        with django_assert_num_queries(6):  # scope, people, falls, last trades, sums, held back
            client.get(URL, MARCH)
        with django_assert_num_queries(2):  # scope, people
            client.get(URL, MARCH)


@pytest.mark.parametrize(
    ("field", "params"),
    [
        ("start_date", {"start_date": "yesterday"}),
        ("end_date", {"end_date": "2026-02-28"}),
        ("product", {"product": "ES"}),
        ("product", {"product": "999999"}),
    ],
)
def test_a_bad_parameter_is_refused_by_name(desk, as_user, field, params):
    answer = as_user(desk.cora).get(URL, {**MARCH, **params})
    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == [field]


def test_both_forms_of_the_address_answer_alike(desk, april, as_user):
    plain, slashed = (as_user(desk.cora).get(URL + slash, MARCH) for slash in ("", "/"))
    assert (plain.status_code, plain.content) == (200, slashed.content)
    assert plain["Cache-Control"] == "private, no-cache"


def test_the_body(desk, read):
    for pnl, day in (("100", 2), ("-40", 3), ("-20.50", 4), ("10", 4)):
        make_trade(desk.ana, pnl=pnl, day=day)
    body = read(desk.cora, ADDRESS)
    for number, line in enumerate(body["data"]):
        line["id"] = number  # these alone differ from run to run
        line["last_trade_at"] = line["last_trade_at"] and "2026-03-04"
    assert matches_snapshot("comparative/traders-overview", body)
    example: Any = examples.TRADERS_OVERVIEW
    assert sorted(example["meta"]) == sorted(body["meta"])
    assert list(example["data"][0]) == list(body["data"][0])
