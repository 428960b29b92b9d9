"""A trade's id: the same for ever, and another for another execution."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from calc.identity import trade_id

NAMES = st.tuples(*[st.text(max_size=4)] * 5, st.integers(0, 3))


def test_never_changes():
    """Tags, notes and images hang on it: a change of this value would part them."""
    made = trade_id("tt", "live", "ACC1", "ES Mar26", "8a1f", 0)
    assert str(made) == "8039aca0-feeb-5f9e-91fd-f154a28d7fc7"
    assert made.version == 5


@given(NAMES, NAMES)
def test_differs_where_the_execution_differs(one, other):
    assert (trade_id(*one) == trade_id(*other)) == (one == other)


def test_neighbouring_names_do_not_run_together():
    assert trade_id("tt", "live", "A", "B,1:C", "x", 0) != trade_id(
        "tt", "live", "A,B", "1:C", "x", 0
    )
