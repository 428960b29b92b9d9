"""PnL minute by minute: made of fills and bars on the way, or kept by day.

`lines` and `course` read what was done, `shown` makes candles on the way, `made` makes day candles
of some days, `kept` keeps them as they fall due, `stored` reads what is kept.
"""

from ledger.candles.shown import intraday, of_trades

__all__ = ["intraday", "of_trades"]
