"""Open positions, their mark and what they would bring."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from futures.models import FxRate
from ledger.actions import record_fills
from ledger.models import Fill, State
from tests.factories import AT, make_account, make_bar, make_contract, make_trade, new_fill
from tests.seeded import seed_books

URL = "positions"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def bar(contract, close, minutes=0):
    make_bar(contract, NOON + timedelta(minutes=minutes), close)


def rate(day, usd):
    FxRate.objects.create(currency="EUR", day=date(2026, 3, day), usd_per_unit=Decimal(usd))


def one(answer):
    (row,) = answer["data"]
    return row


def test_a_long_at_the_last_bar(desk, ask, open_position):
    contract = open_position(desk.ana, price="5000.25", quantity=2, fees="4.5")
    bar(contract, "5003.5", minutes=1)
    bar(contract, "4000", minutes=0)

    assert one(ask(desk.ana, URL)) == {
        "product": "ES",
        "product_id": contract.product_id,
        "contract": "ES Mar26",
        "account": desk.ana.trader.accounts.get().account,
        "side": "long",
        "quantity": 2,
        "average_price": 5000.25,
        "opened_at": "2026-03-02T14:30:20.123456Z",
        "realized_pnl": -4.5,
        "mark": 5003.5,
        "marked_at": "2026-03-02T12:01:00Z",
        "unrealized_pnl": 325.0,
    }


def test_a_short_in_euro_at_the_latest_rate(desk, ask, open_position):
    contract = open_position(desk.ana, symbol="FGBL", side=-1, quantity=3, price="130.05")
    bar(contract, "129.95")
    rate(1, "1.05")
    rate(3, "1.10")
    rate(2, "1.07")

    row = one(ask(desk.ana, URL))
    assert (row["side"], row["quantity"]) == ("short", 3)
    assert row["unrealized_pnl"] == 330.0  # 0.10 x 3 x 1000 x 1.10


def test_without_a_bar_there_is_no_mark(desk, ask, open_position):
    open_position(desk.ana)

    found = ask(desk.ana, URL)
    assert one(found)["mark"] is one(found)["unrealized_pnl"] is None
    assert found["meta"]["notes"] == ["unrealized_pnl of ES Mar26 is null: no bar of the contract"]


def test_without_a_rate_there_is_no_value(desk, ask, open_position):
    contract = open_position(desk.ana, symbol="FGBL", fees="1.50")
    bar(contract, "101")

    found = ask(desk.ana, URL)
    assert one(found)["realized_pnl"] is one(found)["unrealized_pnl"] is None
    assert found["meta"]["notes"] == [
        "realized_pnl of FGBL Mar26 is null: no EUR rate for 2026-03-02",
        "unrealized_pnl of FGBL Mar26 is null: no EUR rate",
    ]


def test_a_closed_trade_is_no_position(desk, ask):
    make_trade(desk.ana)
    assert ask(desk.ana, URL)["data"] == []


def test_a_new_fill_is_felt_at_once(desk, ask, open_position):
    open_position(desk.ana)
    assert one(ask(desk.ana, URL))["quantity"] == 2
    open_position(desk.ana, month="Jun26")
    assert len(ask(desk.ana, URL)["data"]) == 2


def test_in_order_and_by_the_names_of_accounts(desk, ask, open_position):
    for symbol, month in (("NQ", "Mar26"), ("ES", "Jun26"), ("CL", "Jun26"), ("ES", "Mar26")):
        open_position(desk.ana, symbol=symbol, month=month)
    desk.ana.trader.accounts.update(name="first")
    second = make_account(desk.ana.trader)
    record_fills([new_fill(second, make_contract(), "e", -1, 1, Decimal(7), NOON)], at=AT)

    shown = [(row["contract"], row["account"]) for row in ask(desk.ana, URL)["data"]]
    assert shown == [
        ("CL Jun26", "first"),
        ("ES Mar26", "first"),
        ("ES Mar26", second.account),
        ("ES Jun26", "first"),
        ("NQ Mar26", "first"),
    ]


@pytest.mark.parametrize("seed", range(3))
def test_quantities_are_what_the_fills_leave(desk, ask, seed):
    seed_books(desk, seed)
    left: dict[Any, int] = defaultdict(int)
    mine = desk.ana.trader.accounts.all()
    for fill in Fill.objects.filter(state=State.USABLE, account__in=mine):
        assert fill.contract
        left[fill.account.account, fill.contract.name] += fill.side * fill.quantity
    live = {a.account for a in desk.ana.trader.accounts.filter(is_sim=False)}

    shown = {
        (row["account"], row["contract"]): row["quantity"] * (1 if row["side"] == "long" else -1)
        for row in ask(desk.ana, URL)["data"]
    }
    assert shown == {key: size for key, size in left.items() if size and key[0] in live}
