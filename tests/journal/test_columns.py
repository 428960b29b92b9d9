"""Columns of single trades against plain loops."""

from __future__ import annotations

from itertools import accumulate, groupby, pairwise

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from journal.queries.columns import evenly, money, of_runs

rows = st.lists(st.tuples(st.integers(0, 3), st.integers(-(2**63) + 1, 2**63 - 1)), min_size=1)


@given(rows)
@example([(0, 2**63 - 1), (0, 2**63 - 1)])
def test_runs_are_those_of_a_loop_however_large_the_sums(found):
    runs, amounts = zip(*found, strict=True)
    text = f"{{{','.join(map(str, amounts))}}}"

    told = of_runs(money(text), np.array(runs))

    levels, slow = list(accumulate(amounts)), []
    for _, those in groupby(range(len(found)), key=runs.__getitem__):
        places = list(those)
        within = levels[places[0] : places[-1] + 1]
        total = sum(amounts[place] for place in places)
        slow.append((places[-1], total, within[-1], min(within), max(within), len(places)))
    assert list(zip(*(column.tolist() for column in told), strict=True)) == slow


@given(st.integers(0, 400), st.integers(2, 40))
def test_few_are_shown_of_many_the_first_and_the_last_among_them(total, most):
    shown = evenly(total, most=most)

    assert len(shown) == min(total, most)
    if total:
        assert (shown[0], shown[-1]) == (0, total - 1)
    gaps = {b - a for a, b in pairwise(shown)}
    assert not gaps or max(gaps) - min(gaps) <= 1
