"""The group's wins and losses: what regular users do not get, and why."""

from __future__ import annotations

from typing import Any

import pytest

from comparative import examples
from tests.factories import make_trade, make_trader
from tests.snapshots import matches_snapshot

URL = "comparative/win-loss-ratio"
AVERAGES = {"average_win", "average_loss", "payoff_ratio"}


@pytest.fixture
def closed(desk):
    for user, pnl in ((desk.ana, "30"), (desk.bo, "10"), (desk.bo, "-10"), (desk.ana, "0")):
        make_trade(user, pnl=pnl)
    return desk


def test_averages_are_for_admins(closed, read):
    peer, coach = read(closed.ana, URL)["data"], read(closed.cora, URL)["data"]
    assert coach.keys() - peer.keys() == AVERAGES
    assert {name: coach[name] for name in peer} == peer
    assert [coach["average_win"], coach["average_loss"], coach["payoff_ratio"]] == [20, -10, 2]
    assert [peer["win_rate"], peer["loss_rate"], peer["win_loss_ratio"]] == [0.5, 0.25, 2]
    assert peer["scratch_count"] == 1


def test_what_is_undefined_is_null_with_its_reason(desk, read):
    empty = read(desk.ana, URL)
    assert (empty["data"]["trade_count"], empty["data"]["suppressed"]) == (0, False)
    assert empty["meta"]["notes"] == [
        f"{name} is null: no trade was closed in the period"
        for name in ("win_rate", "loss_rate", "win_loss_ratio")
    ]
    make_trade(desk.ana)
    assert read(desk.ana, URL)["meta"]["notes"] == [
        "win_loss_ratio is null: there is no losing trade"
    ]
    assert read(desk.cora, URL)["meta"]["notes"] == [
        f"{name} is null: there is no losing trade"
        for name in ("win_loss_ratio", "average_loss", "payoff_ratio")
    ]


def test_a_cohort_counts_only_what_is_told(closed, read, cohort_of):
    cohort_of(2)
    found = read(closed.ana, URL)
    assert found["data"].pop("suppressed") is True
    assert set(found["data"].values()) == {None}
    few = "fewer than 2 other traders traded"
    assert found["meta"]["notes"] == [f"Counts and rates are null where suppressed: {few}"]

    for pnl in ("5", "-5"):
        make_trade(make_trader(closed.group), pnl=pnl, day=3)
    found = read(closed.ana, URL)
    assert (found["data"]["trade_count"], found["data"]["win_rate"]) == (2, 0.5)
    assert found["meta"]["notes"] == [f"Sums leave out the days on which {few}"]
    assert read(closed.cora, URL)["data"]["trade_count"] == 6


def test_the_body(closed, read):
    body = read(closed.ana, URL)
    assert matches_snapshot("comparative/win-loss-ratio", body)
    example: Any = examples.WIN_LOSS_RATIO
    assert sorted(example["meta"]) == sorted(body["meta"])
    assert list(example["data"]) == list(body["data"])
