"""Points to USD, against fractions."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calc.money import fees_usd_micros, fractions, usd_micros

POINT_VALUES = st.sampled_from([Decimal(v) for v in ("50", "12.5", "31.25", "125000", "0.01")])
RATES = st.one_of(
    st.just(Decimal(1)),
    st.decimals("0.0001", "2", places=10),
    st.just(Decimal("0.00072481357913579135791357913")),
)
POINTS = st.one_of(
    st.integers(-100, 100), st.integers(-(2**45), 2**45), st.integers(-(2**58), 2**58)
)


def slow(points, point_value, rate):
    return round(Fraction(points) * Fraction(point_value) * Fraction(rate) / 1000)


@given(st.lists(st.tuples(POINTS, POINT_VALUES, RATES), max_size=8))
def test_agrees_with_fractions_row_by_row(rows):
    exact = [slow(*row) for row in rows]
    columns = [list(column) for column in zip(*rows, strict=True)] or [[], [], []]
    points = np.array(columns[0], np.int64)
    if any(not -(2**63) <= micros < 2**63 for micros in exact):
        with pytest.raises(OverflowError):
            usd_micros(points, columns[1], columns[2])
    else:
        answer = usd_micros(points, columns[1], columns[2])
        assert answer.dtype == np.int64
        assert answer.tolist() == exact


@given(st.lists(st.integers(-(2**45), 2**45)), POINT_VALUES, RATES)
def test_one_factor_for_all(points, point_value, rate):
    column = np.array(points, np.int64)
    assert usd_micros(column, point_value, rate).tolist() == [
        slow(p, point_value, rate) for p in points
    ]
    rates = np.array([rate] * len(points), object)
    assert usd_micros(column, point_value, rates).tolist() == [
        slow(p, point_value, rate) for p in points
    ]


@given(st.lists(st.integers(-(2**60), 2**60)), RATES)
def test_fees_agree_with_fractions(fees, rate):
    exact = [round(Fraction(fee) * Fraction(rate)) for fee in fees]
    assert fees_usd_micros(np.array(fees, np.int64), rate).tolist() == exact


def test_python_ints_beyond_64_bits_come_back_into_them():
    points = np.array([10**20, -(10**20)], object)
    assert usd_micros(points, Decimal("0.001")).tolist() == [10**14, -(10**14)]


@pytest.mark.parametrize(
    ("points", "micros"), [(500, 0), (1_500, 2), (2_500, 2), (-500, 0), (-1_500, -2), (501, 1)]
)
def test_a_half_goes_to_the_even_neighbour(points, micros):
    assert usd_micros([points], Decimal(1)).tolist() == [micros]


@pytest.mark.parametrize("factor", ["0", "-1", "NaN", "Infinity"])
def test_a_factor_is_a_positive_number(factor):
    with pytest.raises(ValueError, match="not a positive number"):
        usd_micros([1], Decimal(factor))


def test_refuses_what_is_not_a_column_of_whole_numbers():
    with pytest.raises(ValueError, match="whole numbers"):
        usd_micros([0.5], Decimal(1))
    with pytest.raises(ValueError, match="one factor per row"):
        usd_micros([1, 2], [Decimal(1)])


ABOVE = st.one_of(st.integers(1, 100), st.integers(1, 2**40), st.integers(1, 2**63 - 1))
AMOUNTS = st.one_of(POINTS, st.integers(-(2**63), 2**63 - 1))


@given(st.lists(st.tuples(AMOUNTS, ABOVE, ABOVE), max_size=8))
def test_fractions_per_row_agree_with_fractions(rows):
    exact = [round(Fraction(amount * above, below)) for amount, above, below in rows]
    columns = [np.array(list(column), np.int64) for column in zip(*rows, strict=True)] or [
        np.zeros(0, np.int64)
    ] * 3
    answer = fractions(*columns)
    assert answer.tolist() == exact
    assert (answer.dtype == np.int64) == all(abs(micros) < 2**62 for micros in exact)
    assert fractions(*(column.astype(object) for column in columns)).tolist() == exact


@given(st.lists(st.integers(-(2**49), 2**49)), st.sampled_from([1, 2, 3, 7, 2**61 + 1, 2**62]))
def test_halves_go_to_the_even_side(numbers, below):
    """Amounts that lie on, just below and just above a half."""
    amounts = [n * below // 2 + d for n in numbers for d in (-1, 0, 1)]
    amounts = [a for a in amounts if abs(a) < 2**63]
    answer = fractions(np.array(amounts, np.int64), np.array([1]), np.array([below]))
    assert answer.tolist() == [round(Fraction(amount, below)) for amount in amounts]


def test_fractions_that_are_none():
    one = np.ones(2, np.int64)
    for above, below in ((0 * one, one), (one, -one)):
        with pytest.raises(ValueError, match="positive"):
            fractions(one, above, below)
    with pytest.raises(ValueError, match="one for all"):
        fractions(one, np.ones(3, np.int64), one)


# What floats cannot tell apart: a quotient at a half, or one part of `below` beside it.
BESIDE_HALVES = st.builds(
    lambda whole, below, off: ((2 * whole + 1) * below + off, 1, 2 * below),
    st.integers(-(2**46), 2**46), st.integers(1, 2**12), st.integers(-1, 1),
)  # fmt: skip
ANYWHERE = st.tuples(POINTS, st.integers(1, 2**40), st.integers(1, 2**40))


@given(st.lists(st.tuples(st.one_of(BESIDE_HALVES, ANYWHERE), st.integers(0, 3)), max_size=6))
def test_fractions_are_rounded_once_also_next_to_a_half(rows):
    length = np.array([count for _, count in rows], np.int64)
    amounts = np.repeat(np.array([row[0] for row, _ in rows], np.int64), length)
    above, below = (np.array([row[n] for row, _ in rows], np.int64) for n in (1, 2))
    exact = [round(Fraction(a * b, c)) for (a, b, c), count in rows for _ in range(count)]

    assert fractions(amounts, above, below, length).tolist() == exact
    assert fractions(amounts, above.repeat(length), below.repeat(length)).tolist() == exact
    both = fractions(np.stack([amounts, -amounts]), above, below, length)
    assert both.tolist() == [exact, [-one for one in exact]]
