"""PnL minute by minute: made of fills and bars on the way, or kept by day.

`lines` and `course` read what was done, `shown` makes candles on the way, `made` makes those of
whole days, `kept` keeps them as they fall due (`todo`), `rebuilt` remakes all, `stored` reads them.
"""

from ledger.candles.kept import Kept, keep
from ledger.candles.rebuilt import rebuild_all
from ledger.candles.shown import intraday, of_trades
from ledger.candles.stored import DayCandle, DayCandles, day_candles, version_of

__all__ = [
    "DayCandle",
    "DayCandles",
    "Kept",
    "day_candles",
    "intraday",
    "keep",
    "of_trades",
    "rebuild_all",
    "version_of",
]
