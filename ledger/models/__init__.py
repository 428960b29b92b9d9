"""The books: fills as reported, and what the ledger makes of them.

The platform account leads every key: it is the distribution key of the big tables.
"""

from ledger.models.candles import CandlesDue, DayCandle
from ledger.models.fees import FeeSchedule
from ledger.models.fills import ExecIdField, Fill, State
from ledger.models.results import DayResult, Position, Trade

__all__ = [
    "CandlesDue",
    "DayCandle",
    "DayResult",
    "ExecIdField",
    "FeeSchedule",
    "Fill",
    "Position",
    "State",
    "Trade",
]
