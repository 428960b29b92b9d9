"""Fills in, flat-to-flat trades and their daily parts out.

    match(Fills(group, signed, price, fees, day)) -> Matched(cycles, parts)

`columns` says what goes in and comes out, `kernel` folds one chunk of whole groups, `match` cuts
the chunks. Everything is exact: no float ever reaches a result.
"""

from calc.matching.chunks import match
from calc.matching.columns import Column, Cycles, Fills, Matched, Parts

__all__ = ["Column", "Cycles", "Fills", "Matched", "Parts", "match"]
