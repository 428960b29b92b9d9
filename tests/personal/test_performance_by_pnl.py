"""Days and sizes of PnL against a walk over single trades."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import pytest

from tests.factories import make_contract, make_trade
from tests.personal.conftest import MARCH, cents, held_notes, of, priced
from tests.seeded import seed_books

URL = "performance-by-pnl"


def days_of(trades):
    rows, level = [], Decimal(0)
    for day in sorted({trade.closed_on for trade in trades}):
        pnl = [trade.pnl_usd for trade in trades if trade.closed_on == day]
        level += sum(pnl)
        rows.append(
            {
                "date": day.isoformat(),
                "pnl": cents(sum(pnl)),
                "cumulative_pnl": cents(level),
                "trade_count": len(pnl),
            }
        )
    return rows


@pytest.mark.parametrize("seed", range(4))
def test_agrees_with_the_slow_way(desk, ask, seed):
    books = seed_books(desk, seed, fills=20)
    es = make_contract("ES").product_id
    for products in ((), (es,)):
        mine = of(desk.ana, books, products=products)
        asked = {"product": es} if products else {}
        found = ask(desk.ana, URL, **asked, **MARCH)
        assert found["data"]["days"] == days_of(priced(mine))
        assert found["meta"]["notes"] == held_notes(mine)

        bins = found["data"]["distribution"]
        assert 1 <= len(bins) <= 20
        assert 0.0 in {row["from"] for row in bins} | {bins[-1]["to"]}
        assert all(one["to"] == other["from"] for one, other in pairwise(bins))
        for row in bins:
            edges = Decimal(str(row["from"])), Decimal(str(row["to"]))
            inside = [t.pnl_usd for t in priced(mine) if edges[0] <= t.pnl_usd < edges[1]]
            assert (row["trade_count"], row["pnl"]) == (len(inside), cents(sum(inside)))
        assert sum(row["trade_count"] for row in bins) == len(priced(mine))


def test_nothing_traded_has_no_days_and_no_bins(desk, ask):
    assert ask(desk.bo, URL, **MARCH)["data"] == {"days": [], "distribution": []}


def test_takes_one_product_only(desk, as_user):
    make_trade(desk.ana)
    asked = {"product": [1, 2], **MARCH}
    answer = as_user(desk.ana).get(f"/api/v1/personal/{URL}", asked)
    assert answer.status_code == 400
    assert "product" in answer.json()["fields"]
