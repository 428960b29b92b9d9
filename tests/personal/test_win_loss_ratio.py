"""Wins against losses, by the outcome that the books keep."""

from __future__ import annotations

import pytest

from tests.factories import make_contract, make_trade
from tests.personal.conftest import MARCH, cents, held_notes, of, priced
from tests.seeded import seed_books

URL = "win-loss-ratio"


def table(trades):
    """The slow way, for trades among which there are wins and losses."""
    wins = [trade.pnl_usd for trade in trades if trade.outcome == 1]
    losses = [trade.pnl_usd for trade in trades if trade.outcome == -1]
    return {
        "trade_count": len(trades),
        "win_count": len(wins),
        "loss_count": len(losses),
        "scratch_count": len(trades) - len(wins) - len(losses),
        "win_rate": len(wins) / len(trades),
        "loss_rate": len(losses) / len(trades),
        "win_loss_ratio": len(wins) / len(losses),
        "average_win": cents(sum(wins) / len(wins)),
        "average_loss": cents(sum(losses) / len(losses)),
        "payoff_ratio": float(sum(wins) / len(wins) / abs(sum(losses) / len(losses))),
    }


@pytest.mark.parametrize("tolerance", [0, 15])
def test_agrees_with_the_slow_way(desk, ask, tolerance):
    desk.group.scratch_ticks = tolerance
    desk.group.save()
    books = seed_books(desk, fills=30)
    mine = of(desk.ana, books)

    found = ask(desk.ana, URL, **MARCH)
    assert found["data"] == pytest.approx(table(priced(mine)))
    assert found["meta"]["notes"] == held_notes(mine)
    assert bool(tolerance) <= bool(found["data"]["scratch_count"])

    es = make_contract("ES").product_id
    some = priced(of(desk.ana, books, products=(es,)))
    assert ask(desk.ana, URL, product=es, **MARCH)["data"] == pytest.approx(table(some))


def test_no_losses_is_no_ratio(desk, ask):
    make_trade(desk.ana, pnl="10")

    found = ask(desk.ana, URL, **MARCH)
    assert found["data"]["win_rate"] == 1.0
    assert found["data"]["win_loss_ratio"] is found["data"]["payoff_ratio"] is None
    assert "win_loss_ratio is null: there is no losing trade" in found["meta"]["notes"]
