"""The group by product: what a cohort leaves out of sums, and the body."""

from __future__ import annotations

from typing import Any

from comparative import examples
from tests.factories import make_trade, make_trader
from tests.snapshots import matches_snapshot

URL = "comparative/performance-by-product"


def rows(answer, *names):
    return [tuple(row[name] for name in names) for row in answer["data"]]


def test_the_largest_first_whatever_its_sign(desk, read):
    for symbol, pnl in (("ES", "10"), ("CL", "-500"), ("GC", "90")):
        make_trade(desk.ana, pnl=pnl, symbol=symbol)
        make_trade(desk.bo, pnl=pnl, symbol=symbol)
    assert rows(read(desk.ana, URL), "product", "pnl", "traders") == [
        ("CL", -1000.0, 2),
        ("GC", 180.0, 2),
        ("ES", 20.0, 2),
    ]


def test_a_sum_goes_without_the_days_of_few(desk, read, cohort_of):
    """Day 2: two others. Day 3: one. Day 4: ana alone, which stays."""
    cohort_of(2)
    cleo = make_trader(desk.group)
    for whose, pnl, day in (
        (desk.bo, "1", 2), (cleo, "2", 2), (desk.ana, "4", 2),
        (desk.bo, "8", 3), (desk.ana, "16", 3),
        (desk.ana, "32", 4),
    ):  # fmt: skip
        make_trade(whose, pnl=pnl, day=day)
    make_trade(desk.bo, pnl="64", symbol="CL")

    names = ("product", "pnl", "trade_count", "traders", "suppressed", "days_left_out")
    found = read(desk.ana, URL)
    assert rows(found, *names) == [
        ("ES", 39.0, 4, 3, False, 1),
        ("CL", None, None, None, True, 1),
    ]
    assert found["meta"]["notes"] == [
        "pnl is null where suppressed: fewer than 2 other traders traded",
        "Sums leave out the days on which fewer than 2 other traders traded",
    ]
    assert rows(read(desk.cora, URL), *names) == [
        ("CL", 64.0, 1, 1, False, 0),
        ("ES", 63.0, 6, 3, False, 0),
    ]


def test_who_stands_behind_hidden_days_only_is_not_counted(desk, read, cohort_of):
    """Else two periods would tell when a fourth trader traded."""
    cohort_of(3)
    for _ in range(3):
        make_trade(make_trader(desk.group), day=2)
    make_trade(desk.bo, day=3)
    assert rows(read(desk.ana, URL), "traders", "days_left_out") == [(3, 1)]
    assert rows(read(desk.cora, URL), "traders", "days_left_out") == [(4, 0)]


def test_the_body(desk, read, cohort_of):
    cohort_of(3)
    for day, pnl in ((2, "250"), (3, "-100.50")):
        for _ in range(3):
            make_trade(make_trader(desk.group), pnl=pnl, day=day)
        make_trade(desk.ana, pnl=pnl, day=day)
    make_trade(desk.bo, pnl="7", day=4)
    make_trade(desk.bo, pnl="70", day=4, symbol="GC")

    body = read(desk.ana, URL)
    assert matches_snapshot("comparative/performance-by-product", body)
    example: Any = examples.PERFORMANCE_BY_PRODUCT
    assert sorted(example["meta"]) == sorted(body["meta"])
    assert {tuple(row) for row in example["data"]} == {tuple(row) for row in body["data"]}
