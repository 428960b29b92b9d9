"""The history of the books: nothing that was told is forgotten.

because  why and when they change
told     what they said at an instant, and what was restated
"""

from ledger.history.because import Because, Cause
from ledger.history.told import (
    Figures,
    Restated,
    held_back_then,
    last_day_then,
    restatements,
    versions,
)

__all__ = [
    "Because",
    "Cause",
    "Figures",
    "Restated",
    "held_back_then",
    "last_day_then",
    "restatements",
    "versions",
]
