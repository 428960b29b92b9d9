"""Wins, losses and scratches, and their runs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

WIN, SCRATCH, LOSS = 1, 0, -1


def outcomes_of(pnl: Iterable[Decimal]) -> tuple[int, ...]:
    """Return +1, 0 or -1 per trade, where no scratch tolerance is set.

    pnl  USD per closed trade, shape (trades,)
    """
    return tuple((p > 0) - (p < 0) for p in pnl)


def longest_run(outcomes: Sequence[int], of: int) -> int:
    """Return how many trades of one outcome came in a row at most.

    outcomes  +1, 0, -1 in closing order, shape (trades,); () gives 0
    of        +1 or -1; a scratch neither breaks nor extends a run
    """
    longest = run = 0
    for outcome in outcomes:
        if outcome == of:
            run += 1
            longest = max(longest, run)
        elif outcome != SCRATCH:
            run = 0
    return longest
