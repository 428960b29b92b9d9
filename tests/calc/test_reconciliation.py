"""What a day comes to: precedence, tellings of positions, spreads, runs."""

from __future__ import annotations

from datetime import date
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calc.reconciliation import (
    IN_FLIGHT_NS,
    SECOND_NS,
    SPREAD_NS,
    Day,
    Held,
    Seen,
    Told,
    compared,
    days_held,
    is_sustained,
    judge,
    spreads,
)

HOUR = 3_600 * SECOND_NS
AT = 100 * HOUR
DIFFERS = Told(3, agrees=False)


@pytest.mark.parametrize(
    ("day", "state"),
    [
        (Day(), "flat"),
        (Day(position=-2), "open"),
        (Day(waiting=1), "unverifiable"),
        (Day(is_read=False), "unverifiable"),
        (Day(copied=2), "unverifiable"),
        (Day(told=Told(3, agrees=False, is_in_doubt="why")), "unverifiable"),
        (Day(told=DIFFERS, waiting=1), "mismatch"),
        (Day(second=(1, 1)), "mismatch"),
        (Day(second=(1, 1), ours=(1, 1)), "flat"),
        (Day(second=(1, 1), is_read=False), "unverifiable"),
        (Day(second=(1, 1), waiting=1), "unverifiable"),
        (Day(uncovered=1, told=DIFFERS, waiting=1), "skipped"),
        (Day(stray=1), "skipped"),
        (Day(is_amiss=True), "skipped"),
        (Day(position=3, told=Told(3, agrees=True)), "open"),
    ],
)
def test_the_worst_that_holds_is_told(day, state):
    assert judge(day).state == state
    assert bool(judge(day).reason) == (state not in ("flat", "open"))


def test_reasons_say_how_many():
    assert judge(Day(uncovered=1)).reason == "1 usable fill in no trade"
    assert judge(Day(uncovered=5, wrong=2)).reason == (
        "3 usable fills in no trade; 2 fills in a trade or position that tells other figures"
    )


def test_what_is_being_read_passes():
    assert judge(Day(is_read=False)).is_passing
    assert not judge(Day(waiting=1)).is_passing


def seen(executed, signed, received=None):
    executed = AT + executed * SECOND_NS
    return Seen(executed, executed if received is None else AT + received * SECOND_NS, signed)


def test_a_telling_agrees_with_any_moment_near_it():
    near = [seen(-200, 2), seen(10, -1)]
    for quantity in (5, 7, 6):
        assert compared(quantity, AT, settled=5, near=near).agrees
    assert compared(4, AT, settled=5, near=[seen(-200, 2)]) == Told(4, agrees=False)


def test_a_fill_within_a_minute_leaves_a_difference_in_doubt():
    near = [seen(-59, 2)]
    assert compared(9, AT, settled=0, near=near).is_in_doubt
    assert not compared(9, AT, settled=0, near=[seen(-61, 2)]).is_in_doubt
    assert compared(9, AT, settled=0, near=[seen(-7_000, 2, received=30)]).is_in_doubt
    assert IN_FLIGHT_NS == 60 * SECOND_NS


def test_a_late_fill_was_known_to_the_provider_or_not():
    late = [seen(-7_000, 1, received=9_000)]
    assert compared(0, AT, settled=0, near=late).agrees
    assert compared(1, AT, settled=0, near=late).agrees
    assert compared(2, AT, settled=0, near=late) == Told(2, agrees=False)


fills = st.lists(
    st.builds(
        seen, st.integers(-300, 300), st.sampled_from((-2, -1, 1, 2)), st.integers(-300, 600)
    ),
    max_size=5,
)


@given(fills, st.integers(-6, 6), st.integers(-3, 3))
def test_a_telling_agrees_as_the_slow_way_has_it(near, quantity, settled):
    """Some prefix of the fills, by one clock or the other; the order of equals does not matter."""
    found = False
    for clock in (lambda one: (one.executed_ns, one.received_ns), lambda one: one.received_ns):
        for order in permutations(near):
            if [clock(one) for one in order] != sorted(clock(one) for one in order):
                continue
            found |= any(
                settled + sum(one.signed for one in order[:n]) == quantity
                for n in range(len(order) + 1)
            )
    told = compared(quantity, AT, settled=settled, near=near)
    assert not told.agrees or found
    assert compared(quantity, AT, settled=settled, near=near[::-1]) == told


def test_a_spread_is_two_months_opened_together_or_as_legs():
    near, far = Held(1, 2, AT, is_leg=False), Held(2, -2, AT + SPREAD_NS, is_leg=False)
    assert spreads([near, far]) == {1, 2}
    assert spreads([near, far._replace(position=2)]) == set()
    late = far._replace(opened_ns=AT + SPREAD_NS + 1)
    assert spreads([near, late]) == set()
    assert spreads([near._replace(is_leg=True), late._replace(is_leg=True)]) == {1, 2}
    butterfly = [Held(1, 1, AT, False), Held(2, -2, AT, False), Held(3, 1, AT, False)]
    assert spreads(butterfly) == {1, 2, 3}


def test_a_run_is_sustained_after_more_than_two_days():
    opened = date(2026, 2, 27)
    assert [is_sustained(opened, date(2026, 3, day)) for day in (1, 2, 3)] == [False, True, True]
    assert days_held(opened, date(2026, 3, 2)) == 3
