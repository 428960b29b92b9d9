"""Which products were traded, against looking at single trades."""

from __future__ import annotations

from datetime import date

import pytest

from tests.factories import make_trade
from tests.personal.conftest import of
from tests.seeded import seed_books

URL = "traded-products"


def products(trades):
    found = {(trade.product.symbol, trade.product_id) for trade in trades}
    return [{"symbol": symbol, "id": pk} for symbol, pk in sorted(found)]


@pytest.mark.parametrize("seed", range(4))
def test_agrees_with_the_slow_way(desk, ask, seed):
    books = seed_books(desk, seed, fills=5)

    assert ask(desk.ana, URL)["data"] == products(of(desk.ana, books))
    asked = {"start_date": "2026-03-05", "end_date": "2026-03-09"}
    within = (date(2026, 3, 5), date(2026, 3, 9))
    assert ask(desk.ana, URL, **asked)["data"] == products(of(desk.ana, books, within=within))


def test_either_date_may_be_left_out(desk, ask):
    make_trade(desk.ana, day=2, symbol="ES")
    make_trade(desk.ana, day=9, symbol="CL")

    assert [row["symbol"] for row in ask(desk.ana, URL, start_date="2026-03-05")["data"]] == ["CL"]
    assert [row["symbol"] for row in ask(desk.ana, URL, end_date="2026-03-05")["data"]] == ["ES"]
    assert ask(desk.ana, URL)["meta"]["start_date"] is None


def test_held_trades_count_and_open_positions_do_not(desk, ask, open_position):
    make_trade(desk.ana, symbol="FGBL")  # no EUR rate at all
    open_position(desk.ana, symbol="CL")

    found = ask(desk.ana, URL)
    assert [row["symbol"] for row in found["data"]] == ["FGBL"]
    assert found["meta"]["notes"] == ["1 trade is held back: no EUR rate for 2026-03-02"]
