"""What trades were worth minute by minute: fills and one-minute bars in, candles out.

    walk(Runs, Fills, Bars, Rates | None) -> Candles     each run of a trade on one day, from 0
    lines(Candles, Runs) -> Candles                      the runs of one account and contract
    merged(Candles, into) -> Candles                     lines into products, products into all
    bases(Candles, Runs, Candles of products, into)      where each trade of a product starts
    days, chained, excursions, index                     what is read off minute candles
    cuts(sizes)                                          pieces that stay in the processor's cache

`columns` says what goes in and comes out, `walk` follows the positions, `merge` puts series beside
and behind each other, `days` sums them up. Everything is exact: no float ever reaches a result.
"""

from calc.candles.columns import Bars, Candles, Column, DayCandles, Excursions, Fills, Rates, Runs
from calc.candles.days import days, excursions, index
from calc.candles.exact import cuts
from calc.candles.merge import bases, carried, chained, line_days, lines, merged
from calc.candles.walk import walk

__all__ = [
    "Bars",
    "Candles",
    "Column",
    "DayCandles",
    "Excursions",
    "Fills",
    "Rates",
    "Runs",
    "bases",
    "carried",
    "chained",
    "cuts",
    "days",
    "excursions",
    "index",
    "line_days",
    "lines",
    "merged",
    "walk",
]
