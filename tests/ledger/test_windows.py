"""Stretches that overlap, share an end or lie within each other: the same sums as one by one."""

from __future__ import annotations

from collections import Counter, defaultdict
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from ledger.windows import Around, _over

instants = st.integers(0, 30)
stretches = st.frozensets(st.tuples(instants, instants), max_size=8)
trades = st.lists(st.tuples(instants, st.integers(1, 3), st.decimals(-9, 9, places=6)), max_size=30)


@given(stretches)
def test_segments_cover_what_stretches_cover_and_never_overlap(stretches):
    segments = Around((), stretches, whole_days=False).segments
    covered = Counter(n for first, last in segments for n in range(first, last + 1))
    assert set(covered) == {n for first, last in stretches for n in range(first, last + 1)}
    assert set(covered.values()) <= {1}
    assert segments == sorted(segments)


@given(stretches, trades)
def test_sums_of_segments_are_those_of_the_stretches(stretches, trades):
    segments = Around((), stretches, whole_days=False).segments
    rows = [
        (n, product, sum(some), len(some))
        for n, segment in enumerate(segments)
        for product, some in within(segment, trades).items()
    ]
    found = _over(stretches, segments, rows)
    slow = {one: within(one, trades) for one in stretches}
    assert {one: {p: (pnl, number) for p, pnl, number in sums} for one, sums in found.items()} == {
        one: {p: (sum(some), len(some)) for p, some in sums.items()}
        for one, sums in slow.items()
        if sums
    }


def within(stretch, trades):
    found: dict[int, list[Decimal]] = defaultdict(list)
    for at, product, pnl in trades:
        if stretch[0] <= at <= stretch[1]:
            found[product].append(pnl)
    return found
