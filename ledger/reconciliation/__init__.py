"""The books held against themselves, the provider's positions and a second feed.

`facts` reads what is known, `judged` makes rows of it (by `calc.reconciliation`), `written` puts
them into their table; `kept` checks what is due or everything. `reported` and `second` keep what
others say. `shown` and `fills` are what is read of it:

    days(account_ids=, period=, states=(), products=(), start=0, most=None) -> (DayState, ...)
    totals(account_ids=, period=, products=()) -> {state: days}, the worst state first
    open_runs(account_ids=, today=, sustained=True) -> (OpenRun, ...), the oldest first
    fills_of(account_id=, contract_id=, day=) -> (FillLine, ...)
"""

from ledger.reconciliation.fills import FillLine, fills_of
from ledger.reconciliation.kept import Checked, Progress, check, keep
from ledger.reconciliation.reported import Reported, record_positions
from ledger.reconciliation.second import NewSecond, record_second_fills
from ledger.reconciliation.shown import DayState, OpenRun, days, open_runs, totals
from ledger.reconciliation.words import ReadTo, register

__all__ = [
    "Checked",
    "DayState",
    "FillLine",
    "NewSecond",
    "OpenRun",
    "Progress",
    "ReadTo",
    "Reported",
    "check",
    "days",
    "fills_of",
    "keep",
    "open_runs",
    "record_positions",
    "record_second_fills",
    "register",
    "totals",
]
