"""PnL by day and product against sums over single trades."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any

import pytest

from tests.factories import make_contract, make_trade
from tests.personal.conftest import MARCH, cents, held_notes, of, priced
from tests.seeded import seed_books

URL = "performance-by-time"


def by_time(trades):
    """The slow way: one trade after the other."""
    days: dict[Any, Any] = defaultdict(lambda: defaultdict(list))
    for trade in trades:
        days[trade.closed_on][trade.product].append(trade.pnl_usd)
    return [
        {
            "date": day.isoformat(),
            "daynumber": day.weekday() + 1,
            "pnl": cents(sum(sum(pnl) for pnl in days[day].values())),
            "trade_count": sum(len(pnl) for pnl in days[day].values()),
            "products": [
                {
                    "product": product.symbol,
                    "product_id": product.id,
                    "pnl": cents(sum(pnl)),
                    "trade_count": len(pnl),
                }
                for product, pnl in sorted(
                    days[day].items(), key=lambda item: (-sum(item[1]), item[0].symbol)
                )
            ],
        }
        for day in sorted(days)
    ]


@pytest.mark.parametrize("seed", range(4))
def test_agrees_with_the_slow_way(desk, ask, seed):
    books = seed_books(desk, seed)
    es = make_contract("ES").product_id

    mine = of(desk.ana, books)
    whole = ask(desk.ana, URL, **MARCH)
    assert whole["data"] == by_time(priced(mine))
    assert whole["meta"]["notes"] == held_notes(mine)

    sim = of(desk.ana, books, sim=True)
    assert ask(desk.ana, URL, sim="true", **MARCH)["data"] == by_time(priced(sim))

    within = (date(2026, 3, 5), date(2026, 3, 11))
    some = of(desk.bo, books, products=(es,), within=within)
    asked = {"start_date": "2026-03-05", "end_date": "2026-03-11", "product": es}
    assert ask(desk.bo, URL, **asked)["data"] == by_time(priced(some))


def test_several_products_may_be_named(desk, ask):
    make_trade(desk.ana, pnl="10", symbol="ES")
    make_trade(desk.ana, pnl="20", symbol="CL")
    make_trade(desk.ana, pnl="40", symbol="GC")

    asked = {"product": [make_contract(symbol).product_id for symbol in ("ES", "GC")]}
    assert [day["pnl"] for day in ask(desk.ana, URL, **asked, **MARCH)["data"]] == [50.0]
