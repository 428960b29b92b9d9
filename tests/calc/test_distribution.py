"""PnL bins: every trade in exactly one, and edges that a reader can read."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calc.distribution import bin_width, distribution

MONEY = st.one_of(
    st.decimals("-5", "5", places=2),
    st.decimals("-90000", "90000", places=2),
    st.decimals("-9000000000", "9000000000", places=6),
)


@given(st.lists(MONEY, min_size=1, max_size=40))
def test_every_trade_is_in_exactly_one_bin(pnl):
    bins = distribution(pnl)
    assert 1 <= len(bins) <= 20
    assert sum(b.trade_count for b in bins) == len(pnl)
    assert sum(b.pnl for b in bins) == sum(pnl)
    for b in bins:
        inside = [p for p in pnl if b.lower <= p < b.upper]
        assert (b.trade_count, b.pnl) == (len(inside), sum(inside))


@given(st.lists(MONEY, min_size=1, max_size=40))
def test_bins_are_neighbours_of_one_round_width_with_an_edge_at_0(pnl):
    bins = distribution(pnl)
    width = bins[0].upper - bins[0].lower
    assert all(b.upper - b.lower == width for b in bins)
    assert all(a.upper == b.lower for a, b in pairwise(bins))
    assert 0 in {b.lower for b in bins} | {b.upper for b in bins}
    assert width == width.quantize(Decimal("0.01"))
    assert Decimal("".join(map(str, width.normalize().as_tuple().digits))) in {1, 2, 25, 5}


@given(st.lists(MONEY, min_size=1, max_size=40))
def test_no_narrower_width_would_do(pnl):
    ladder = [Fraction(step) * Fraction(10) ** k for k in range(-2, 12) for step in (1, 2, 2.5, 5)]
    whole_cents = [width for width in ladder if (100 * width).denominator == 1]
    low, high = min(*pnl, Decimal(0)), max(pnl)
    narrowest = next(
        width
        for width in whole_cents
        if max(floor(Fraction(high) / width) + 1, 0) - floor(Fraction(low) / width) <= 20
    )
    assert Fraction(bin_width(min(pnl), max(pnl))) == narrowest


def test_by_hand():
    bins = distribution([Decimal(p) for p in ("-12.50", "0", "0.01", "24.99", "87.5")])
    assert [(int(b.lower), b.trade_count) for b in bins if b.trade_count] == [
        (-20, 1),
        (0, 2),
        (20, 1),
        (80, 1),
    ]
    assert len(bins) == 11  # 5 wide they would be 21


def test_without_trades_there_are_no_bins():
    assert distribution([]) == ()


@pytest.mark.parametrize("only", ["0", "5", "-5"])
def test_one_trade(only):
    bins = distribution([Decimal(only)])
    assert sum(b.trade_count for b in bins) == 1
    assert 0 in {bins[0].lower, bins[-1].upper}
