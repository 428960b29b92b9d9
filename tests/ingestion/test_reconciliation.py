"""GET ingestion/reconciliation: how a group's books compare with what others say."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import time_machine

from common.clock import to_ns
from ingestion import examples
from ledger.actions import record_fills
from ledger.models import ReconciledDay
from tests.factories import (
    AT,
    make_account,
    make_contract,
    make_reconciled,
    make_trade,
    make_trader,
    new_fill,
)
from tests.snapshots import matches_snapshot, shape

URL = "/api/v1/ingestion/reconciliation"


@pytest.fixture(autouse=True)
def present():
    with time_machine.travel(datetime(2026, 3, 31, 12, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def ask(as_user, desk):
    def get(user=None, **params):
        answer = as_user(user or desk.cora).get(URL, params)
        assert answer.status_code == 200, answer.json()
        return answer.json()

    return get


def days(body):
    return [(row["trader_name"], row["date"][5:], row["state"]) for row in body["data"]["days"]]


def hold(user, *, month="Jun26", side=1, since=date(2026, 3, 10), is_spread=False):
    """Let a trader open two contracts, and say that each day since was reconciled."""
    account, contract = user.trader.accounts.get(), make_contract("ES", month)
    at = datetime(since.year, since.month, since.day, 14, 30, tzinfo=UTC)
    record_fills(
        [new_fill(account, contract, f"open-{contract}", side, 2, Decimal(5000), at)], at=AT
    )
    ReconciledDay.objects.create(
        account=account, day=date(2026, 3, 31), contract=contract, product=contract.product,
        state="open", fill_count=0, bought=0, sold=0, position=2 * side, is_spread=is_spread,
        open_since_ns=to_ns(at), opened_exec_id=f"open-{contract}", checked_at=AT,
    )  # fmt: skip
    return contract


@pytest.mark.parametrize("name", ["ana", "otto", "sven"])
def test_others_are_refused(desk, as_user, api, name):
    for params in ({}, {"trader": desk.ana.trader_id}, {"trader": 10**9}):
        answer = as_user(getattr(desk, name)).get(URL, params)
        assert (answer.status_code, answer.json()["code"]) == (403, "not_admin")
    assert api.get(URL).status_code == 401


def test_every_book_of_the_group_and_of_no_other(desk, ask):
    gone = make_trader(desk.group, "Gone", is_archived=True)
    sim = make_account(desk.bo.trader, is_sim=True)
    for whose in (desk.ana, desk.otto, gone, sim, desk.sven):
        make_reconciled(make_trade(whose, day=5), "flat")

    told = ask()
    assert sorted(days(told)) == [(name, "03-05", "flat") for name in ("Ana", "Bo", "Gone", "Otto")]
    assert [row["is_sim"] for row in told["data"]["days"] if row["trader_name"] == "Bo"] == [True]
    assert told["data"]["totals"]["flat"] == told["meta"]["count"] == 4


def test_one_trader_and_one_of_another_group(desk, ask, as_user):
    for user in (desk.ana, desk.bo, desk.sven):
        make_reconciled(make_trade(user, day=5))
    told = ask(trader=desk.bo.trader_id)
    assert days(told) == [("Bo", "03-05", "mismatch")]
    assert told["data"]["totals"]["mismatch"] == 1

    def refusal(trader):
        answer = as_user(desk.cora).get(URL, {"trader": trader})
        return answer.status_code, answer.json()

    assert refusal(desk.sven.trader_id) == refusal(10**9)
    assert refusal(10**9)[0] == 404


def test_the_last_four_weeks_or_any_period(desk, ask):
    trade = make_trade(desk.ana)
    for day in (date(2026, 3, 3), date(2026, 3, 4), date(2026, 3, 31)):
        make_reconciled(trade, "flat", day=day)
    told = ask()
    assert [day for _, day, _ in days(told)] == ["03-31", "03-04"]
    assert (told["meta"]["start_date"], told["meta"]["end_date"]) == ("2026-03-04", "2026-03-31")
    assert [day for _, day, _ in days(ask(end_date="2026-03-04"))] == ["03-04", "03-03"]


def test_states_are_chosen_and_all_of_them_counted(desk, ask):
    trade = make_trade(desk.ana)
    for day, state in enumerate(("flat", "open", "skipped", "mismatch", "unverifiable"), 10):
        make_reconciled(trade, state, day=date(2026, 3, day), reason=f"it is {state}")
    told = ask(state=["skipped", "mismatch"])
    assert days(told) == [("Ana", "03-13", "mismatch"), ("Ana", "03-12", "skipped")]
    assert told["data"]["days"][0]["reason"] == "it is mismatch"
    assert told["data"]["totals"] == dict.fromkeys(
        ("skipped", "mismatch", "unverifiable", "open", "flat"), 1
    )
    assert told["meta"]["count"] == 2


def test_pages_do_not_overlap(desk, ask):
    trade = make_trade(desk.ana)
    for day in range(10, 17):
        make_reconciled(trade, "flat", day=date(2026, 3, day))
    found = [day for page in (1, 2, 3) for _, day, _ in days(ask(page=page, page_size=3))]
    assert found == [f"03-{day}" for day in range(16, 9, -1)]
    assert ask(page=2, page_size=3)["meta"]["next"].endswith("page=3&page_size=3")


def test_what_is_held_for_long_with_its_true_age(desk, ask):
    hold(desk.ana)
    hold(desk.bo, since=date(2026, 3, 30))  # not for long
    hold(desk.otto, month="Mar26", side=-1, since=date(2026, 2, 2), is_spread=True)
    hold(desk.sven)
    old, run = ask(start_date="2026-03-31")["data"]["open_runs"]
    assert (old["trader_name"], old["quantity"], old["age_days"]) == ("Otto", -2, 57)
    assert (old["is_spread"], run["is_spread"]) == (True, False)
    assert run | {"trader": 0, "account": "", "product_id": 0} == {
        "trader": 0, "trader_name": "Ana", "account": "", "is_sim": False, "product": "ES",
        "product_id": 0, "contract": "ES Jun26", "state": "open", "quantity": 2,
        "opened_at": "2026-03-10T14:30:00Z", "opened_by": "open-ES Jun26", "age_days": 21,
        "is_spread": False,
    }  # fmt: skip
    assert len(ask(trader=desk.ana.trader_id, state="flat")["data"]["open_runs"]) == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [("trader", "ana"), ("state", "odd"), ("start_date", "1.3.2026"), ("page", "0"),
     ("page_size", "1001"), ("end_date", "2026-02-30")],
)  # fmt: skip
def test_a_bad_parameter_is_refused_by_name(desk, as_user, field, value):
    answer = as_user(desk.cora).get(URL, {field: value})
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])


@pytest.mark.parametrize("size", [1, 5])
def test_costs_five_queries(desk, as_user, django_assert_num_queries, size):
    for n in range(size):
        trade = make_trade(make_trader(desk.group, accounts=2), symbol=("ES", "CL")[n % 2])
        for day in range(10, 10 + size):
            make_reconciled(trade, day=date(2026, 3, day))
    hold(desk.ana)
    client = as_user(desk.cora)
    with django_assert_num_queries(5):  # scope; names, totals, days, runs
        client.get(URL)


def test_the_body(desk, ask):
    desk.ana.trader.accounts.update(account="SNAP-1")
    hold(desk.ana)
    make_reconciled(
        make_trade(desk.ana, day=30), reason="the provider told 1", provider_position=1,
        second_bought=1, second_sold=1,
    )  # fmt: skip
    body = ask()
    for row in (*body["data"]["days"], *body["data"]["open_runs"]):
        row["trader"] = 12
    assert matches_snapshot("ingestion/reconciliation", body)
    assert shape(examples.RECONCILIATION) == shape(body), "the example in the schema is out of date"
