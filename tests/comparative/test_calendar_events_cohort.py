"""Events under min_cohort: no window cuts a day of others, nothing comes back by subtracting."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import timedelta

import pytest

from comparative import examples
from tests.comparative.teams import make_team
from tests.comparative.test_calendar_events import PRODUCTS, URL, seed_events
from tests.comparative.twins import money, others
from tests.factories import close_trade, make_event, make_trader
from tests.personal.conftest import MARCH, cents, priced
from tests.personal.test_calendar_events import trades_of
from tests.snapshots import matches_snapshot

FEW = "pnl is null where suppressed: fewer than 3 other traders traded"
UNCUT = (
    "With before or after a product is told only where no day of the other traders is cut: all "
    "that they closed of it on the day lies within, or none"
)
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("seed", range(3))
def test_whatever_windows_are_laid_side_by_side_days_of_peers_stay_whole(read, seed):
    """The attack: take the own trades off each figure; what is left is whole days of K others."""
    team = make_team(8, seed)
    team.group.min_cohort = 3
    team.group.save()
    events, chance = seed_events(team.books, seed), random.Random(seed)
    trades = priced(team.visible(team.ana))
    mine = [t for t in trades if t.account.trader_id == team.ana.trader_id]
    told = defaultdict(set)
    for _ in range(25):
        window = {"before": chance.randint(0, 1440), "after": chance.randint(0, 1440)}
        for event, row in zip(events, read(team.ana, URL, **window)["data"], strict=True):
            for part in row["products"]:
                if not part["suppressed"]:
                    own = [
                        t for t in trades_of(event, mine, **window)
                        if t.product_id == part["product_id"]
                    ]  # fmt: skip
                    rest = part["pnl"] - cents(money(own)), part["trade_count"] - len(own)
                    told[part["product_id"]].add((round(rest[0], 2), rest[1]))
    assert told
    for product, figures in told.items():
        assert figures <= _sums_of_whole_days(trades, product, team.ana.trader_id)


def _sums_of_whole_days(trades, product, own):
    """Return (pnl, trades) of each run of up to three days of at least three others, or of none."""
    days = defaultdict(list)
    for trade in trades:
        if trade.product_id == product and trade.account.trader_id != own:
            days[trade.closed_on].append(trade)
    large = {day: those for day, those in days.items() if len(others(those, own)) >= 3}
    sums = {(0.0, 0)}
    for day in large:
        for chosen in ((0,), (0, 1), (0, 1, 2), (0, 2)):
            run = [t for n in chosen for t in large.get(day + timedelta(days=n), [])]
            sums.add((cents(money(run)), len(run)))
    return sums


def lone_peer(desk, at, pnl):
    """Let ana and bo trade CL on the event's day, and four others ES."""
    close_trade(desk.ana, "2026-03-11T12:40Z", pnl="10", symbol="CL")
    close_trade(desk.bo, at, pnl=pnl, symbol="CL")
    for minute in range(4):
        close_trade(make_trader(desk.group), f"2026-03-11T12:3{minute}Z", pnl="50")


@pytest.mark.parametrize("window", [{}, {"after": 30}, {"before": 1000, "after": 10}])
def test_a_lone_peers_size_and_time_change_no_byte(desk, april, as_user, cohort_of, window):
    cohort_of(3)
    make_event("CPI", "2026-03-11T12:30Z", event_type="cpi", id=7)
    lone_peer(desk, "2026-03-11T12:45Z", "4")
    asked = {**MARCH, **window}
    before = [as_user(desk.ana).get(f"/api/v1/{url}", asked).content for url in (URL, PRODUCTS)]

    for at, pnl in (("2026-03-11T03:00Z", "4"), ("2026-03-11T12:31Z", "-900")):
        close_trade(desk.bo, at, pnl=pnl, symbol="CL")
        after = [as_user(desk.ana).get(f"/api/v1/{url}", asked).content for url in (URL, PRODUCTS)]
        assert after == before


def test_a_window_tells_a_product_whose_day_it_holds_whole(desk, read, cohort_of):
    make_event("CPI", "2026-03-11T12:30Z", event_type="cpi")
    lone_peer(desk, "2026-03-11T12:45Z", "4")
    cohort_of(3)

    def products(**window):
        answer = read(desk.ana, URL, **window)
        (row,) = answer["data"]
        return [(one["product"], one["pnl"]) for one in row["products"]], answer["meta"]["notes"]

    hidden = ("CL", None)
    short = "Sums leave out the days on which fewer than 3 other traders traded"
    assert products() == ([("ES", 200.0), hidden], [FEW, short])
    assert products(after=10) == ([("ES", 200.0), hidden], [FEW, short, UNCUT])
    assert products(after=2) == ([hidden, ("ES", None)], [FEW, UNCUT])  # cuts four traders' day
    close_trade(desk.ana, "2026-03-11T09:00Z", pnl="7", symbol="GC")
    assert products(before=300)[0] == [("GC", 7.0), hidden, ("ES", None)]
    assert products(before=10) == ([hidden, ("ES", None)], [FEW, UNCUT])
    listed = read(desk.ana, PRODUCTS, before=300)["data"]
    assert [row["symbol"] for row in listed] == ["GC"]
    assert [row["symbol"] for row in read(desk.cora, PRODUCTS)["data"]] == ["CL", "ES", "GC"]
    assert [row["symbol"] for row in read(desk.ana, PRODUCTS)["data"]] == ["CL", "ES", "GC"]
    assert [row["symbol"] for row in read(desk.bo, PRODUCTS)["data"]] == ["CL", "ES"]


def test_the_bodies(desk, read, cohort_of):
    cohort_of(3)
    make_event("CPI", "2026-03-11T12:30Z", event_type="cpi", id=217, actual="0.3%")
    make_event("Rates", "2026-03-18T18:00Z", event_type="fomc", id=218)
    lone_peer(desk, "2026-03-11T12:45Z", "4")
    close_trade(desk.ana, "2026-03-11T14:00Z", pnl="-40", symbol="GC")

    body = read(desk.ana, URL)
    assert matches_snapshot(URL, body)
    assert matches_snapshot(PRODUCTS, read(desk.ana, PRODUCTS))
    assert matches_snapshot(f"{URL}-window", read(desk.ana, URL, after=10))
    for example, row in zip(examples.CALENDAR_EVENTS["data"], body["data"], strict=False):
        assert sorted(example) == sorted(row)
        assert sorted(example["products"][0]) == sorted(row["products"][0])
    assert sorted(examples.CALENDAR_EVENTS["meta"]) == sorted(body["meta"])
