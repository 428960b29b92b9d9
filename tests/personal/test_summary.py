"""The metric table against the formulas written out over single trades."""

from __future__ import annotations

import math
import statistics
from collections import defaultdict
from datetime import date, timedelta

import pytest

from tests.factories import make_contract, make_trade
from tests.personal.conftest import MARCH, cents, held_notes, of, priced
from tests.seeded import seed_books

URL = "summary"
START, END = date(2026, 3, 1), date(2026, 3, 31)


def runs(pnl, wanted):
    longest = run = 0
    for p in pnl:
        if p:
            run = run + 1 if (p > 0) == wanted else 0
            longest = max(longest, run)
    return longest


def table(trades):
    """The slow way, for trades among which there are wins and losses."""
    pnl = [trade.pnl_usd for trade in trades]
    wins, losses = [p for p in pnl if p > 0], [p for p in pnl if p < 0]
    by_day = defaultdict(list)
    for trade in trades:
        by_day[trade.closed_on].append(trade.pnl_usd)
    every = [START + timedelta(days=n) for n in range((END - START).days + 1)]
    daily = [sum(by_day[day]) for day in every if day.weekday() < 5 or by_day[day]]
    level = peak = fall = 0
    for day in daily:
        level += day
        peak = max(peak, level)
        fall = max(fall, peak - level)
    floats = [float(day) for day in daily]
    downside = math.sqrt(sum(min(0, day) ** 2 for day in floats) / len(floats))
    hold = [(trade.closed_ns - trade.opened_ns) / 1e9 for trade in trades]
    average_win, average_loss = sum(wins) / len(wins), sum(losses) / len(losses)
    return {
        "trade_count": len(pnl),
        "win_count": len(wins),
        "loss_count": len(losses),
        "scratch_count": pnl.count(0),
        "pnl": cents(sum(pnl)),
        "win_rate": len(wins) / len(pnl),
        "loss_rate": len(losses) / len(pnl),
        "win_loss_ratio": len(wins) / len(losses),
        "gross_profit": cents(sum(wins)),
        "gross_loss": cents(sum(losses)),
        "profit_factor": float(sum(wins)) / -float(sum(losses)),
        "average_win": cents(average_win),
        "average_loss": cents(average_loss),
        "payoff_ratio": float(average_win) / -float(average_loss),
        "expectancy": cents(sum(pnl) / len(pnl)),
        "largest_win": cents(max(wins)),
        "largest_loss": cents(min(losses)),
        "max_consecutive_wins": runs(pnl, True),
        "max_consecutive_losses": runs(pnl, False),
        "max_drawdown": cents(fall),
        "recovery_factor": float(sum(pnl)) / float(fall),
        "sharpe": math.sqrt(252) * statistics.mean(floats) / statistics.stdev(floats),
        "sortino": math.sqrt(252) * statistics.mean(floats) / downside,
        "sqn": math.sqrt(len(pnl)) * float(statistics.mean(pnl)) / float(statistics.stdev(pnl)),
        "average_hold_seconds": statistics.mean(hold),
        "median_hold_seconds": statistics.median(hold),
    }


@pytest.mark.parametrize("seed", range(6))
def test_agrees_with_the_slow_way(desk, ask, seed):
    mine = of(desk.ana, seed_books(desk, seed, fills=20))

    found = ask(desk.ana, URL, **MARCH)
    assert found["data"] == pytest.approx(table(priced(mine)), rel=1e-9)
    assert list(found["data"]) == list(table(priced(mine)))
    assert found["meta"]["notes"] == held_notes(mine)


def test_takes_some_products_only(desk, ask):
    make_trade(desk.ana, pnl="10", symbol="ES")
    make_trade(desk.ana, pnl="20", symbol="CL")

    cl = make_contract("CL").product_id
    assert ask(desk.ana, URL, product=cl, **MARCH)["data"]["pnl"] == 20.0


def test_what_is_undefined_is_null_with_its_reason(desk, ask):
    make_trade(desk.ana, pnl="10")

    found = ask(desk.ana, URL, **MARCH)
    nulls = {name for name, value in found["data"].items() if value is None}
    assert {"profit_factor", "average_loss", "recovery_factor", "sqn"} <= nulls
    assert {note.split()[0] for note in found["meta"]["notes"]} == nulls
    assert found["data"]["trade_count"] == 1


def test_nothing_traded_is_no_trades_and_no_error(desk, ask):
    found = ask(desk.bo, URL, **MARCH)
    assert found["data"]["trade_count"] == 0
    assert found["data"]["pnl"] == found["data"]["max_drawdown"] == 0.0
    assert found["data"]["win_rate"] is found["data"]["sharpe"] is None
    assert found["meta"]["data_through"] is None
