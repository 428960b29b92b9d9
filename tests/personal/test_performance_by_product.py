"""PnL by product against sums over single trades."""

from __future__ import annotations

from collections import defaultdict

import pytest

from tests.personal.conftest import MARCH, cents, held_notes, of, priced
from tests.seeded import seed_books

URL = "performance-by-product"


def by_product(trades):
    """The slow way: one trade after the other."""
    products = defaultdict(list)
    for trade in trades:
        products[trade.product].append(trade)
    rows = [
        {
            "product": product.symbol,
            "product_id": product.id,
            "name": product.name,
            "color": product.color,
            "pnl": cents(sum(trade.pnl_usd for trade in those)),
            "trade_count": len(those),
            "win_rate": sum(trade.pnl_usd > 0 for trade in those) / len(those),
            "quantity": sum(trade.quantity for trade in those),
        }
        for product, those in products.items()
    ]
    return sorted(rows, key=lambda row: (-abs(row["pnl"]), row["product"]))


@pytest.mark.parametrize("seed", range(4))
def test_agrees_with_the_slow_way(desk, ask, seed):
    mine = of(desk.ana, seed_books(desk, seed))

    whole = ask(desk.ana, URL, **MARCH)
    assert whole["data"] == by_product(priced(mine))
    assert whole["meta"]["notes"] == held_notes(mine)
