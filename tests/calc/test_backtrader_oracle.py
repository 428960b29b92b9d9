"""backtrader's books on the same fills.

backtrader averages the entry price where we match first in, first out: after a partial exit its
realised PnL differs from ours, and its trade begins anew at zero like ours. So the total of each
flat-to-flat cycle is compared, and the number of contracts closed by each fill. It divides, hence
Fractions: its formulas stay, its rounding goes.
"""

from __future__ import annotations

import warnings
from fractions import Fraction
from typing import Any

from hypothesis import given, settings

from calc.matching import match
from tests.calc.strategies import rows
from tests.calc.twins import as_fills

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import backtrader

MULTIPLIER = 50


def cycles_of(made):
    """Return (gross, contracts closed, closed) per flat-to-flat cycle of one contract."""
    books = backtrader.CommissionInfo(mult=MULTIPLIER, stocklike=False)
    position = backtrader.position.Position()
    found: list[list[Any]] = []
    for _, signed, price, _, _ in made:
        average = position.price
        size, _, opened, closed = position.update(signed, Fraction(price))
        if closed:
            found[-1][0] += books.profitandloss(-closed, average, Fraction(price))
            found[-1][1] += abs(closed)
            found[-1][2] = size == 0 or bool(opened)
        if opened and size == opened:
            found.append([Fraction(0), 0, False])
    return found


@settings(max_examples=200)
@given(rows())
def test_totals_of_trades_agree(made):
    theirs = []
    for group in range(made[-1][0] + 1 if made else 0):
        theirs += cycles_of([row for row in made if row[0] == group])
    ours = match(as_fills(made)).cycles

    assert [cycle[1] for cycle in theirs] == ours.closed_quantity.tolist()
    assert [cycle[2] for cycle in theirs] == ours.closed.tolist()
    for (gross, _, closed), points in zip(theirs, ours.gross_points.tolist(), strict=True):
        if closed:
            assert gross == points * MULTIPLIER


def test_where_the_two_differ():
    """1 at 100, 1 at 104, one sold at 105: first in first out 5, by average price 3."""
    made = [(0, 1, 100, 0, 0), (0, 1, 104, 0, 0), (0, -1, 105, 0, 0)]
    assert cycles_of(made)[0][0] == 3 * MULTIPLIER
    assert match(as_fills(made)).cycles.gross_points.tolist() == [5]
