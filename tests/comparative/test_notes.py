"""What meta.notes of a group's readings says of days that are not reconciled."""

from __future__ import annotations

from datetime import date

import pytest

from tests.factories import make_event, make_reconciled, make_trade, make_trader

READINGS = (
    "comparative/performance-by-time", "comparative/performance-by-product",
    "comparative/performance-by-tag", "comparative/win-loss-ratio", "comparative/standing",
    "comparative/calendar-events", "comparative/calendar-events/traded-products",
    "comparative/top-intraday", "traders/overview",
)  # fmt: skip
WHY = "the provider, or the second feed, says otherwise"


@pytest.fixture
def doubts(read):
    def get(user, name):
        day = {"date": "2026-03-02"} if name == "comparative/top-intraday" else {}
        notes = read(user, name, **day)["meta"]["notes"]
        return [note for note in notes if "reconciled" in note]

    return get


@pytest.mark.parametrize("name", READINGS)
def test_the_group_is_told_as_far_as_it_is_seen(desk, doubts, name):
    make_event("CPI", "2026-03-02T13:30Z")
    for hidden in (desk.otto, desk.sven, make_trader(desk.group, is_archived=True)):
        make_reconciled(make_trade(hidden), "skipped")
    coach = doubts(desk.cora, name)
    assert coach == ["2026-03-02 is not reconciled: a fill is in no trade"]  # otto's
    if name == "traders/overview":  # for coaches alone
        return
    assert doubts(desk.ana, name) == []
    make_reconciled(make_trade(desk.bo))
    day = "Some days are" if name == "comparative/top-intraday" else "2026-03-02 is"
    assert doubts(desk.ana, name) == [f"{day} not reconciled: {WHY}"]


@pytest.mark.parametrize("name", ["performance-by-time", "calendar-events"])
def test_under_a_cohort_no_day_and_no_count_is_named(desk, doubts, cohort_of, name):
    make_event("CPI", "2026-03-02T13:30Z")
    cohort_of(3)
    trade = make_trade(desk.bo)
    make_reconciled(trade)
    make_reconciled(trade, day=date(2026, 3, 3))

    assert doubts(desk.ana, f"comparative/{name}") == [f"Some days are not reconciled: {WHY}"]
