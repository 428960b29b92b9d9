"""What a trader asks first, and the figures of a part, against the slow way."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calc.metrics import Part, overview_of, tally

cents = st.integers(-(10**6), 10**6).map(lambda n: Decimal(n).scaleb(-2))


@given(st.lists(cents, max_size=30))
def test_average_r_is_expectancy_in_average_losses(pnl):
    found = overview_of(tally(pnl=pnl, hold_seconds=[Decimal(1)] * len(pnl)), by_day=pnl)
    lost = [Fraction(p) for p in pnl if p < 0]
    if not lost:
        assert found.average_r is None
    else:
        average_loss = -sum(lost) / len(lost)
        expectancy = sum(Fraction(p) for p in pnl) / len(pnl)
        assert found.average_r == pytest.approx(float(expectancy / average_loss), abs=1e-12)
    undefined = {name for name in found.__slots__ if getattr(found, name) is None}
    assert {note.split(" is null: ")[0] for note in found.notes} == undefined
    assert len(found.notes) == len(undefined)


def test_a_worked_example():
    """Wins of 300 and 150, a loss of 150: 100 a trade, two thirds of what a loss costs."""
    pnl = [Decimal(300), Decimal(-150), Decimal(150)]
    found = overview_of(tally(pnl=pnl, hold_seconds=[Decimal(60)] * 3), by_day=pnl)
    assert (found.expectancy, found.average_loss) == (100, -150)
    assert found.average_r == pytest.approx(2 / 3)
    assert (found.payoff_ratio, found.profit_factor, found.max_drawdown) == (1.5, 3.0, 150)


def test_a_part_of_nothing_has_no_rate():
    empty = Part.of(trades=0, wins=0, losses=0, pnl=Decimal(0))
    assert empty.win_rate is empty.average_pnl is None
    some = Part.of(trades=4, wins=3, losses=1, pnl=Decimal(10))
    assert (some.win_rate, some.average_pnl) == (0.75, Decimal("2.5"))
