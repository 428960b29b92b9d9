"""One trade and its fills."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from futures.models import FxRate
from journal.queries.pages import Reader
from ledger.actions import record_fills
from ledger.models import Position, Trade
from personal import queries
from tests.factories import AT, make_account, make_contract, make_trade, new_fill
from tests.personal.conftest import accounts_of, of
from tests.seeded import seed_books

START = datetime(2026, 3, 2, 14, tzinfo=UTC)


def one(ask, user, trade_id, **params):
    return ask(user, f"trades/{trade_id}", **params)["data"]


def record(account, contract, *signed, fees="0.01"):
    """Report fills one second apart; sizes with their sign."""
    fills = [
        new_fill(
            account, contract, f"e{number}", 1 if size > 0 else -1, abs(size),
            Decimal(100 + number), START + timedelta(seconds=number), fees=fees and Decimal(fees),
        )
        for number, size in enumerate(signed)
    ]  # fmt: skip
    record_fills(fills, at=AT)
    return list(Trade.objects.filter(account=account).order_by("opened_ns"))


def test_a_flip_is_shown_in_parts(desk, ask):
    first, second = record(desk.ana.trader.accounts.get(), make_contract(), 2, -5, 1, 2)

    shown = one(ask, desk.ana, first.id)["fills"]
    assert [(fill["side"], fill["quantity"]) for fill in shown] == [("buy", 2), ("sell", 2)]
    assert shown[0] == {
        "datetime": "2026-03-02T14:00:00Z",
        "side": "buy",
        "price": 100.0,
        "quantity": 2,
        "exec_id": "e0",
        "fees": 0.01,
        "corrects": None,
    }
    shown = one(ask, desk.ana, second.id)["fills"]
    assert [fill["quantity"] for fill in shown] == [3, 1, 2]


def test_what_was_corrected_or_busted_within_it_is_shown(desk, ask):
    account, es = desk.ana.trader.accounts.get(), make_contract()
    (trade,) = record(account, es, 2, 1, -3)

    def report(exec_id, second, **given):
        at = START + timedelta(seconds=second)
        row = new_fill(account, es, exec_id, 1, 1, Decimal(90), at)
        record_fills([replace(row, **given)], at=AT)

    report("x", 1)
    report("e1b", 1, action="correct", ref_exec_id="e1")
    report("bust", 1, action="cancel", ref_exec_id="x")
    report("later", 9, synthetic=True)
    shown = one(ask, desk.ana, trade.id)
    assert [(fill["exec_id"], fill["corrects"]) for fill in shown["fills"]] == [
        ("e0", None), ("e1b", "e1"), ("e2", None),
    ]  # fmt: skip
    assert [(fill["exec_id"], fill["state"]) for fill in shown["unused_fills"]] == [
        ("bust", "excluded"), ("e1", "corrected"), ("x", "busted"),
    ]  # fmt: skip


SIZES = st.lists(st.integers(-3, 3).filter(bool), min_size=2, max_size=12)
FEES = st.sampled_from(["0.000001", "0.01", "2.333333"])


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(SIZES, FEES)
def test_the_parts_make_up_the_fills(desk, sizes, fees):
    account = make_account(desk.ana.trader)
    left = dict(enumerate(sizes))
    for trade in record(account, make_contract(), *sizes, fees=fees):
        reader = Reader(user=desk.ana, sign=str)
        shown = queries.trade(
            accounts=accounts_of(account), trade_id=trade.id, reader=reader
        ).rows.fills
        assert sum(fill.side * fill.quantity for fill in shown) == 0
        assert sum(fill.fees or 0 for fill in shown) == trade.fees_usd
        assert len(shown) == trade.fill_count
        for fill in shown:
            left[int(fill.exec_id[1:])] -= fill.side * fill.quantity
    position = Position.objects.get(account=account)
    open_parts = [size for size in left.values() if size]
    assert sum(open_parts) == position.quantity
    assert len(open_parts) == position.fill_count


def test_others_of_the_same_stamp_are_left_out(desk, ask):
    account, contract = desk.ana.trader.accounts.get(), make_contract()
    fills = [
        new_fill(account, contract, f"e{n}", side, 1, Decimal(100), START)
        for n, side in enumerate((1, -1, -1, 1))
    ]
    record_fills(fills, at=AT)
    first, second = Trade.objects.order_by("opened_exec_id")

    assert [f["exec_id"] for f in one(ask, desk.ana, first.id)["fills"]] == ["e0", "e1"]
    assert [f["exec_id"] for f in one(ask, desk.ana, second.id)["fills"]] == ["e2", "e3"]


def test_fees_are_usd_of_their_day(desk, ask):
    contract = make_contract("FGBL")
    FxRate.objects.create(currency="EUR", day=date(2026, 3, 2), usd_per_unit=Decimal("1.5"))
    (trade,) = record(desk.ana.trader.accounts.get(), contract, 1, -1, fees="2")

    assert [fill["fees"] for fill in one(ask, desk.ana, trade.id)["fills"]] == [3.0, 3.0]


def test_a_missing_rate_leaves_null_and_its_reason(desk, ask):
    (trade,) = record(desk.ana.trader.accounts.get(), make_contract("FGBL"), 1, -1, fees="2")

    found = ask(desk.ana, f"trades/{trade.id}")
    assert found["data"]["pnl"] is None
    assert [fill["fees"] for fill in found["data"]["fills"]] == [None, None]
    assert found["meta"]["notes"] == [
        "pnl is null: no EUR rate for 2026-03-02",
        "fees is null: no EUR rate for 2026-03-02",
        "mae and mfe are null: no EUR rate for 2026-03-02",
    ]


def test_a_copied_trade_has_no_fills_and_says_so(desk, ask):
    trade = make_trade(desk.ana)
    Trade.objects.filter(id=trade.id).update(is_copied=True, opened_ns=0, closed_ns=1)

    found = ask(desk.ana, f"trades/{trade.id}")
    assert found["data"]["fills"] == []
    assert "copied from production" in found["meta"]["notes"][0]


def test_holds_what_the_list_holds(desk, ask):
    for trade in of(desk.ana, seed_books(desk))[:5]:
        detail = one(ask, desk.ana, trade.id)
        listed = ask(desk.ana, "trades")["data"]
        assert {name: detail[name] for name in listed[0]} in listed
        assert (detail["notes"], detail["images"]) == ("", [])
        assert len(detail["fills"]) == trade.fill_count


@pytest.mark.parametrize("slash", ["", "/"])
def test_a_strangers_trade_is_a_missing_one(desk, as_user, slash):
    theirs = [make_trade(user).id for user in (desk.bo, desk.otto, desk.sven)]
    sim = make_trade(desk.ana, sim=True).id

    def answer(trade_id: UUID, **params):
        found = as_user(desk.ana).get(f"/api/v1/personal/trades/{trade_id}{slash}", params)
        return found.status_code, found.content

    missing = answer(uuid4())
    assert missing[0] == 404
    assert {answer(trade_id) for trade_id in (*theirs, sim)} == {missing}
    assert answer(sim, sim="true")[0] == 200


def test_an_admin_reads_a_traders_trade(desk, ask):
    trade = make_trade(desk.otto)
    found = ask(desk.cora, f"trades/{trade.id}", trader=desk.otto.trader_id)
    assert found["meta"]["trader"] == desk.otto.trader_id
