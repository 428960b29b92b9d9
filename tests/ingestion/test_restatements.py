"""GET ingestion/restatements: day figures that changed after their day was over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from ingestion import examples
from ledger.models import Reason, Restatement
from tests.factories import make_trade, make_trader
from tests.snapshots import matches_snapshot, shape

URL = "/api/v1/ingestion/restatements"
FIGURES = {
    "pnl_usd": Decimal("100.5"), "gross_usd": Decimal("104.5"), "fees_usd": Decimal(4),
    "realized_usd": Decimal("100.5"), "trade_count": 1, "held_count": 0,
}  # fmt: skip


@pytest.fixture
def ask(as_user, desk):
    def get(user=None, **params):
        answer = as_user(user or desk.cora).get(URL, params)
        assert answer.status_code == 200, answer.json()
        return answer.json()

    return get


def restate(whose, *, day=2, after=1, reason=Reason.LATE, was=FIGURES, became=None, **given):
    """Write down that a day of a trade changed so many days after it."""
    trade = make_trade(whose, day=day)
    told = {f"was_{name}": value for name, value in (was or {}).items()} | (became or {})
    return Restatement.objects.create(
        account_id=trade.account_id, day=trade.closed_on, contract_id=trade.contract_id,
        product_id=trade.product_id, reason=reason,
        restated_at=datetime(2026, 3, day, 9, tzinfo=UTC) + timedelta(days=after),
        **told | given,
    )  # fmt: skip


@pytest.mark.parametrize("name", ["ana", "otto", "sven"])
def test_others_are_refused(desk, as_user, api, name):
    for params in ({}, {"trader": desk.ana.trader_id}, {"trader": 10**9}):
        answer = as_user(getattr(desk, name)).get(URL, params)
        assert (answer.status_code, answer.json()["code"]) == (403, "not_admin")
    assert api.get(URL).status_code == 401


def test_what_it_was_what_it_became_and_why(desk, ask):
    after = FIGURES | {"pnl_usd": Decimal("-20"), "trade_count": 2}
    row = restate(desk.ana, became=after, reason=Reason.BUST, exec_id="b-7", leg_index=0)
    (told,) = ask()["data"]
    assert (told["number"], told["date"]) == (row.number, "2026-03-02")
    assert (told["reason"], told["exec_id"]) == ("bust", "b-7")
    assert told["restated_at"] == "2026-03-03T09:00:00Z"
    assert told["was"] == {
        "pnl": 100.5, "gross_pnl": 104.5, "fees": 4.0, "realized_pnl": 100.5, "trade_count": 1,
        "held_count": 0,
    }  # fmt: skip
    assert (told["became"]["pnl"], told["became"]["trade_count"]) == (-20.0, 2)


def test_what_came_and_what_went(desk, ask):
    restate(desk.ana, was=None, became=FIGURES, after=2)
    restate(desk.ana, after=1)
    came, went = ask()["data"]
    assert came["was"] is went["became"] is None
    assert came["became"]["pnl"] == went["was"]["pnl"] == 100.5


def test_every_book_of_the_group_and_of_no_other(desk, ask, as_user):
    gone = make_trader(desk.group, "Gone", is_archived=True)
    for number, whose in enumerate((desk.ana, desk.otto, gone, desk.sven)):
        restate(whose, after=number)
    assert [row["trader_name"] for row in ask()["data"]] == ["Gone", "Otto", "Ana"]
    assert [row["trader_name"] for row in ask(trader=gone.pk)["data"]] == ["Gone"]

    def refusal(trader):
        answer = as_user(desk.cora).get(URL, {"trader": trader})
        return answer.status_code, answer.json()

    assert refusal(desk.sven.trader_id) == refusal(10**9)
    assert refusal(10**9)[0] == 404


def test_of_a_period_and_by_pages(desk, ask):
    for day in range(2, 7):
        restate(desk.ana, day=day)
    told = ask(start_date="2026-03-03", end_date="2026-03-05", page_size=2)
    assert [row["date"][-2:] for row in told["data"]] == ["05", "04"]
    assert told["meta"]["count"] == 3
    assert told["meta"]["next"].count("page=2&") == 1


@pytest.mark.parametrize(
    ("field", "value"), [("trader", "ana"), ("start_date", "1.3.2026"), ("page", "0")]
)
def test_a_bad_parameter_is_refused_by_name(desk, as_user, field, value):
    answer = as_user(desk.cora).get(URL, {field: value})
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])


@pytest.mark.parametrize("size", [1, 5])
def test_costs_three_queries(desk, as_user, django_assert_num_queries, size):
    for _ in range(size):
        restate(make_trader(desk.group))
    client = as_user(desk.cora)
    with django_assert_num_queries(3):  # scope; rows, how many
        client.get(URL)


def test_the_body(desk, ask):
    desk.ana.trader.accounts.update(account="SNAP-1")
    restate(desk.ana, became=FIGURES | {"pnl_usd": Decimal(20)}, exec_id="x-1", leg_index=0)
    body = ask()
    body["data"][0] |= {"number": 1, "trader": 12}
    assert matches_snapshot("ingestion/restatements", body)
    assert shape(examples.RESTATEMENTS) == shape(body), "the example in the schema is out of date"
