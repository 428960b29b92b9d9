"""The books: fills as reported, and what the ledger makes of them.

The platform account leads every key: it is the distribution key of the big tables.
"""

from ledger.models.candles import CandlesDue, DayCandle
from ledger.models.fees import FeeSchedule
from ledger.models.fills import ExecIdField, Fill, State
from ledger.models.history import PastTrade, Reason, Restatement, TradeVersion
from ledger.models.reconciliation import (
    ReconciledDay,
    ReconcileDue,
    ReportedPosition,
    SecondFill,
    Verdict,
)
from ledger.models.results import DayResult, GroupDay, MendedSums, Position, Trade

__all__ = [
    "CandlesDue",
    "DayCandle",
    "DayResult",
    "ExecIdField",
    "FeeSchedule",
    "Fill",
    "GroupDay",
    "MendedSums",
    "PastTrade",
    "Position",
    "Reason",
    "ReconcileDue",
    "ReconciledDay",
    "ReportedPosition",
    "Restatement",
    "SecondFill",
    "State",
    "Trade",
    "TradeVersion",
    "Verdict",
]
