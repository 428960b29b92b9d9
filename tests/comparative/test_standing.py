"""Where one stands: ties, nulls with reasons, who is ranked, what a cohort holds back."""

from __future__ import annotations

from typing import Any

import pytest

from comparative import examples
from tests.factories import make_trade, make_trader, make_user
from tests.snapshots import matches_snapshot

URL = "comparative/standing"
FIGURES = ("pnl", "win_rate", "profit_factor", "expectancy")


def by(answer, name="pnl"):
    return tuple(answer["data"][name].values())


def test_equals_share_a_rank(desk, read):
    cleo = make_trader(desk.group)
    for whose, pnl in ((desk.ana, "50"), (desk.bo, "50"), (cleo, "20")):
        make_trade(whose, pnl=pnl)
    assert by(read(desk.ana, URL)) == by(read(desk.bo, URL)) == (1, 75.0, 3)
    make_user("cleo", group=desk.group, trader=cleo)
    assert by(read(cleo.user, URL)) == (3, 0.0, 3)


def test_each_figure_ranks_by_itself(desk, read):
    """ana makes more with one large win; bo wins more often, and more per loss."""
    for pnl in ("900", "-300", "-300"):
        make_trade(desk.ana, pnl=pnl)
    for pnl in ("50", "50", "50", "-10"):
        make_trade(desk.bo, pnl=pnl)
    found = read(desk.ana, URL)
    assert {name: by(found, name)[0] for name in FIGURES} == {
        "pnl": 1, "win_rate": 2, "profit_factor": 2, "expectancy": 1,
    }  # fmt: skip


def test_ranked_are_those_for_whom_the_figure_is_defined(desk, read):
    make_trade(desk.ana, pnl="-5")
    make_trade(desk.bo, pnl="5")
    make_trader(desk.group)
    found = read(desk.ana, URL)
    assert by(found) == (2, 0.0, 2)
    assert by(found, "profit_factor") == (1, None, 1)
    assert found["meta"]["notes"] == [
        "The percentile by profit_factor is null: nobody else is ranked"
    ]
    other = read(desk.bo, URL)
    assert by(other, "profit_factor") == (None, None, 1)
    assert other["meta"]["notes"] == ["The rank by profit_factor is null: there is no losing trade"]


@pytest.mark.parametrize(
    ("who", "reason"),
    [
        ("ana", "no trade was closed in the period"),
        ("una", "no trader of the group is linked to your log-in"),
        ("cora", "no trader of the group is linked to your log-in"),
        ("arno", "no trader of the group is linked to your log-in"),
    ],
)
def test_without_a_place_there_is_a_reason(desk, read, who, reason):
    make_trade(desk.bo)
    make_user("una", group=desk.group)
    make_user("arno", group=desk.group, trader=make_trader(desk.group, is_archived=True))
    found = read(type(desk.ana).objects.get(username=who), URL)
    assert [by(found, name)[:2] for name in FIGURES] == [(None, None)] * 4
    assert by(found)[2] == 1
    assert found["meta"]["notes"] == [f"The rank by {name} is null: {reason}" for name in FIGURES]


def test_an_admin_who_trades_has_the_own_place(desk, read):
    """Among all, the opted-out too; `trader` is no parameter here."""
    desk.bo.is_admin = True
    desk.bo.save()
    for user, pnl in ((desk.ana, "1"), (desk.bo, "2"), (desk.otto, "3")):
        make_trade(user, pnl=pnl)
    assert by(read(desk.bo, URL)) == by(read(desk.bo, URL, trader=desk.ana.trader_id)) == (2, 50, 3)
    assert by(read(desk.ana, URL)) == (2, 0, 2)


def test_a_cohort_tells_no_place_among_few(desk, read, cohort_of):
    cohort_of(2)
    make_trade(desk.ana, pnl="5")
    assert by(read(desk.ana, URL)) == (1, None, 1)  # nobody else, nothing to tell
    make_trade(desk.bo, pnl="-1")
    found = read(desk.ana, URL)
    assert [by(found, name) for name in FIGURES] == [(None, None, None)] * 4
    assert found["meta"]["notes"] == [
        f"The rank by {name} is null: fewer than 2 other traders are ranked" for name in FIGURES
    ]
    make_trade(make_trader(desk.group), pnl="9")
    found = read(desk.ana, URL)
    assert by(found) == (2, 50, 3)
    assert by(found, "profit_factor") == (None, None, None)  # defined for bo alone
    assert by(read(desk.cora, URL)) == (None, None, 3)


@pytest.mark.parametrize("more", ["0.01", "11", "5000"])
def test_only_the_order_tells(desk, read, more):
    """However much more another makes: the answer stays."""
    make_trade(desk.ana, pnl="10")
    make_trade(desk.bo, pnl="10.01")
    before = read(desk.ana, URL)
    make_trade(desk.bo, pnl=more)
    assert read(desk.ana, URL)["data"]["pnl"] == before["data"]["pnl"]


def test_the_body(desk, read):
    for user, results in ((desk.ana, ("30", "20")), (desk.bo, ("60", "-10"))):
        for pnl in results:
            make_trade(user, pnl=pnl)
    make_trade(make_trader(desk.group), pnl="-8")
    body = read(desk.ana, URL)
    assert matches_snapshot("comparative/standing", body)
    example: Any = examples.STANDING
    assert sorted(example["meta"]) == sorted(body["meta"])
    assert {name: list(row) for name, row in example["data"].items()} == {
        name: list(row) for name, row in body["data"].items()
    }
