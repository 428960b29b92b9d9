"""The group's days: seeded books against single trades, what a place may tell, shared answers."""

from __future__ import annotations

from itertools import product as every_pair
from typing import Any

import pytest

from comparative import examples
from tests.comparative import twins
from tests.comparative.conftest import MARCH
from tests.factories import make_trade, make_trader
from tests.personal.conftest import held_notes
from tests.seeded import seed_books
from tests.snapshots import matches_snapshot

URL = "/api/v1/comparative/performance-by-time"
pytestmark = pytest.mark.usefixtures("april")


@pytest.fixture
def ask(read):
    def get(user):
        return read(user, "comparative/performance-by-time")

    return get


def visible(desk, books, *, to_admin):
    group = {desk.ana, desk.bo, desk.otto} if to_admin else {desk.ana, desk.bo}
    traders = {user.trader_id for user in group}
    return [t for t in books if t.account.trader_id in traders and not t.account.is_sim]


@pytest.mark.parametrize(("seed", "least"), list(every_pair(range(2), (0, 1, 2, 3))))
def test_agrees_with_the_slow_way(desk, ask, cohort_of, seed, least):
    """Positions overnight, partial exits, flips, days without a rate, second accounts."""
    cohort_of(least)
    books = seed_books(desk, seed, fills=20)
    peers, group = visible(desk, books, to_admin=False), visible(desk, books, to_admin=True)

    for user in (desk.ana, desk.bo):
        shown = ask(user)["data"]
        assert shown == twins.by_time(peers, least=least, own=user.trader_id)
    shown = ask(desk.cora)
    assert shown["data"] == twins.by_time(group, least=0, own=None)
    assert shown["meta"]["notes"] == held_notes(group)


def test_a_hidden_sum_does_not_tell_itself_by_its_place(desk, ask, cohort_of):
    cohort_of(2)
    make_trade(desk.ana, pnl="-5", symbol="ES")  # the own result alone stays
    make_trade(desk.bo, pnl="900", symbol="CL")
    make_trade(desk.bo, pnl="-900", symbol="GC")
    make_trade(desk.bo, symbol="FGBL")  # no rate: its day is told, not how many

    found = ask(desk.ana)
    (day,) = found["data"]
    assert [(row["product"], row["pnl"]) for row in day["products"]] == [
        ("ES", -5.0),
        ("CL", None),
        ("GC", None),
    ]
    assert found["meta"]["notes"] == [
        "Trades are held back: no EUR rate for 2026-03-02",
        "pnl is null where suppressed: fewer than 2 other traders traded",
    ]


def test_viewers_who_see_the_same_share_the_cache(desk, as_user, django_assert_num_queries):
    make_trade(desk.ana)
    ana, bo, cora = (as_user(user) for user in (desk.ana, desk.bo, desk.cora))
    ana.get(URL, MARCH)
    with django_assert_num_queries(1):
        bo.get(URL, MARCH)
    with django_assert_num_queries(3):  # an admin sees otto
        cora.get(URL, MARCH)


def test_the_body(desk, ask, cohort_of):
    cohort_of(3)
    for pnl, day in (("250", 2), ("-100", 3)):
        for user in (desk.ana, desk.bo):
            make_trade(user, pnl=pnl, day=day)
        make_trade(desk.ana, pnl="40", day=day, symbol="CL")
        for _ in range(2):
            make_trade(make_trader(desk.group), pnl=pnl, day=day, symbol="GC")
            make_trade(make_trader(desk.group), pnl=pnl, day=day, symbol="ES")

    body = ask(desk.ana)
    assert matches_snapshot("comparative/performance-by-time", body)
    example: Any = examples.PERFORMANCE_BY_TIME
    assert sorted(example["meta"]) == sorted(body["meta"])
    assert sorted(example["data"][0]) == sorted(body["data"][0])
    assert sorted(example["data"][0]["products"][0]) == sorted(body["data"][0]["products"][0])
