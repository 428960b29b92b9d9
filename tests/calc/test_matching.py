"""The kernel against a queue of lots, and against what must hold whatever the fills are."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calc.matching import Fills, chunks, match
from tests.calc.strategies import BEYOND, Row, rows, rows_and_used
from tests.calc.twins import as_fills, lot_by_lot, plain, told

ANY_INT64 = st.integers(-(2**63), 2**63 - 1)


def agree(matched, slow):
    """Compare everything: the sums over lots first, then cycle by cycle and part by part."""
    cycles = matched.cycles
    assert [sum(q * p for q, p in c.lots) for c in slow] == cycles.open_points.tolist()
    assert [sum(part.gross for part in c.parts) for c in slow] == cycles.gross_points.tolist()
    assert [sum(part.fees for part in c.parts) for c in slow] == cycles.fees.tolist()
    assert [sum(part.fills for part in c.parts) for c in slow] == cycles.fill_count.tolist()
    assert plain(matched) == told(slow)


@settings(max_examples=400)
@given(rows_and_used())
def test_agrees_with_the_slow_way(drawn):
    made, used = drawn
    agree(match(as_fills(made), np.array(used, np.int64)), lot_by_lot(made, used))


@given(rows_and_used(signed=BEYOND, price=ANY_INT64, fees=ANY_INT64, most=12))
def test_agrees_where_64_bits_do_not_suffice(drawn):
    made, used = drawn
    agree(match(as_fills(made), np.array(used, np.int64)), lot_by_lot(made, used))


@given(rows(price=st.integers(2**59, 2**61), fees=st.integers(2**60, 2**62), most=12))
def test_agrees_at_the_edge_of_64_bits(made):
    agree(match(as_fills(made)), lot_by_lot(made))


@given(rows(), st.integers(1, 9))
def test_chunks_do_not_show(made, size):
    whole = match(as_fills(made))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chunks, "CHUNK", size)
        assert plain(match(as_fills(made))) == plain(whole)


@given(rows(most=60), st.data())
def test_restarts_at_any_end_of_a_trade_even_inside_a_fill(made, data):
    whole = plain(match(as_fills(made)))
    ends = [n for n, cycle in enumerate(whole) if cycle.closed]
    if not ends:
        return
    end = data.draw(st.sampled_from(ends))
    ended = whole[end]
    flipped = end + 1 < len(whole) and whole[end + 1].first == ended.last
    start = ended.last if flipped else ended.last + 1
    tail = made[start:]
    base = tail[0][0] if tail else 0
    groups = tail[-1][0] - base + 1 if tail else 0
    used = np.zeros(groups, np.int64)
    if flipped:
        used[0] = whole[end + 1].used_first

    again = plain(match(as_fills([(row[0] - base, *row[1:]) for row in tail]), used))

    for cycle in again:
        cycle.group, cycle.first, cycle.last = (
            cycle.group + base,
            cycle.first + start,
            cycle.last + start,
        )
    assert again == whole[end + 1 :]


@given(rows(), ANY_INT64)
def test_closed_gross_and_open_value_are_the_cash_flow(made, mark):
    """At any mark: realised + unrealised = what came in and went out + the worth of the rest."""
    cycles = match(as_fills(made)).cycles
    for group in {row[0] for row in made}:
        cash = -sum(signed * price for number, signed, price, _, _ in made if number == group)
        position = sum(signed for number, signed, *_ in made if number == group)
        mine = cycles.group == group
        realised = sum(cycles.gross_points[mine].tolist())
        left = (cycles.quantity - cycles.closed_quantity)[mine].tolist()
        held = zip(left, cycles.open_points[mine].tolist(), cycles.side[mine].tolist(), strict=True)
        unrealised = sum((contracts * mark - cost) * side for contracts, cost, side in held)
        assert realised + unrealised == cash + position * mark


@given(rows())
def test_a_closed_trade_is_its_cash_flow(made):
    cycles = match(as_fills(made)).cycles
    flow = (cycles.exit_points - cycles.entry_points) * cycles.side
    assert (flow == cycles.gross_points)[cycles.closed].all()
    assert (cycles.open_points == 0)[cycles.closed].all()
    assert (cycles.quantity == cycles.closed_quantity)[cycles.closed].all()


@given(rows(fees=ANY_INT64))
def test_fees_are_split_and_never_lost(made):
    matched = match(as_fills(made))
    paid = sum(fees for *_, fees, _ in made)
    assert sum(matched.cycles.fees.tolist()) == sum(matched.parts.fees.tolist()) == paid


@given(rows_and_used())
def test_used_takes_its_share_of_contracts_and_fees_away(drawn):
    made, used = drawn
    matched = match(as_fills(made), np.array(used, np.int64))
    heads: dict[int, Row] = {}
    for row in made:
        heads.setdefault(row[0], row)
    taken = [
        round(Fraction(heads[group][3] * contracts, abs(heads[group][1])))
        for group, contracts in enumerate(used)
    ]
    assert sum(matched.cycles.fees.tolist()) + sum(taken) == sum(row[3] for row in made)


def test_overnight_day_one_is_0_and_day_two_50():
    """One ES bought at 5000 at 22:30Z, sold at 5001 at 00:10Z; a point is worth 50."""
    matched = match(as_fills([(0, 1, 5000 * 10**9, 0, 1), (0, -1, 5001 * 10**9, 0, 2)]))
    assert matched.parts.day.tolist() == [1, 2]
    assert (matched.parts.gross_points * 50 // 10**9).tolist() == [0, 50]
    assert matched.cycles.gross_points.tolist() == [10**9]


def test_a_fill_through_zero_ends_one_trade_and_opens_the_next():
    """Long 2, sell 5: three fifths of the fee go with the new short."""
    matched = match(as_fills([(0, 2, 100, 0, 1), (0, -5, 110, 10, 1), (0, 3, 90, 0, 1)]))
    cycles = matched.cycles
    assert cycles.first.tolist() == [0, 1]
    assert cycles.last.tolist() == [1, 2]
    assert cycles.used_last.tolist() == [2, 3]
    assert cycles.used_first.tolist() == [0, 2]
    assert cycles.side.tolist() == [1, -1]
    assert cycles.gross_points.tolist() == [20, 60]
    assert cycles.fees.tolist() == [4, 6]
    assert cycles.closed.all()


def test_a_fill_through_zero_on_a_new_day_is_a_part_of_each_trade():
    matched = match(as_fills([(0, 1, 100, 0, 1), (0, -2, 110, 4, 2)]))
    assert matched.parts.cycle.tolist() == [0, 0, 1]
    assert matched.parts.day.tolist() == [1, 2, 2]
    assert matched.parts.gross_points.tolist() == [0, 10, 0]
    assert matched.parts.fees.tolist() == [0, 2, 2]


def test_a_partial_exit_realises_the_first_lot_at_once():
    matched = match(as_fills([(0, 1, 100, 0, 1), (0, 1, 104, 0, 1), (0, -1, 105, 0, 1)]))
    assert matched.cycles.gross_points.tolist() == [5]
    assert matched.cycles.open_points.tolist() == [104]
    assert not matched.cycles.closed.any()


def test_oil_below_zero():
    """CL traded at -37.63 on 2020-04-20: sold at 10, bought back there."""
    matched = match(as_fills([(0, -1, 10 * 10**9, 0, 1), (0, 1, -37_630_000_000, 0, 1)]))
    assert matched.cycles.gross_points.tolist() == [47_630_000_000]


def test_nothing_in_nothing_out():
    matched = match(as_fills([]))
    assert len(matched.cycles) == len(matched.parts) == 0


@pytest.mark.parametrize(
    ("made", "sentence"),
    [
        ([(0, 0, 1, 0, 0)], "0 contracts"),
        ([(0, -(2**63), 1, 0, 0)], "no opposite"),
        ([(1, 1, 1, 0, 0)], "dense"),
        ([(0, 1, 1, 0, 0), (2, 1, 1, 0, 0)], "dense"),
        ([(0, 1, 1, 0, 0), (1, 1, 1, 0, 0), (0, 1, 1, 0, 0)], "dense"),
        ([(0, 1, 1, 0, 1), (0, 1, 1, 0, 0)], "not in order"),
    ],
)
def test_refuses_fills_that_are_not_in_order(made, sentence):
    with pytest.raises(ValueError, match=sentence):
        match(as_fills(made))


def test_refuses_columns_that_do_not_belong_together():
    one, two = np.zeros(1, np.int64), np.ones(2, np.int64)
    with pytest.raises(ValueError, match="length"):
        match(Fills(one, two, one, one, one))
    with pytest.raises(ValueError, match="price must hold whole numbers"):
        match(Fills(one, one + 1, one / 2, one, one))
    with pytest.raises(ValueError, match="flat"):
        match(Fills(one, one.reshape(1, 1), one, one, one))


@pytest.mark.parametrize("used", [[0, 0], [-1], [3]])
def test_refuses_used_that_cannot_be(used):
    with pytest.raises(ValueError, match="used"):
        match(as_fills([(0, 3, 1, 0, 0)]), np.array(used, np.int64))
