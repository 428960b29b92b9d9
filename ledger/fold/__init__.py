"""The fold: fills -> trades, positions and day results, from the last trade's end before a change.

A trade's end is flat, or the flip that opened the next trade: everything before it stays as it is.
The incremental fold and the full rebuild are this one function, so they agree to the byte.
"""

from __future__ import annotations

from collections.abc import Sequence

from calc.matching import match
from common.metrics import FOLDS
from ledger import due, succession
from ledger.fold.changes import spans
from ledger.fold.facts import read_facts, read_rates
from ledger.fold.read import find_starts, read_fills
from ledger.fold.results import rows_of
from ledger.fold.write import write
from ledger.history.because import Because
from ledger.succession import Before
from ledger.words import Place, earliest


@FOLDS.timed()
def refold(places: Sequence[Place], because: Because, before: Before = dict) -> int:
    """Fold these accounts' contracts anew, each from the last trade's end before its first place.

    The caller holds the locks of the accounts and the transaction. Returns how many trades were
    made, changed or unmade; the days that this touches are due, for candles and for reconciling.
    The number of statements does not depend on the number of rows. Whoever follows trades that
    vanish is told.

    because  why and when: what stood till then goes into the history with it
    before   which fills the caller changed, and whether they counted till then
    """
    if not places:
        return 0
    first = earliest(places)
    starts = find_starts(first)
    facts = read_facts({p.account_id for p in places}, {p.contract_id for p in places})
    read = read_fills(starts, facts)
    matched = match(read.fills, read.used)
    read_rates(facts, matched.parts.day.tolist())
    rows = rows_of(matched, read, starts, facts)
    changed = write(starts, rows, first, because)
    touched = spans(places, rows, changed.cycles)
    due.of_lines(touched)
    due.to_reconcile([span[:3] for span in touched])
    succession.settle(changed.gone, before)
    return changed.trades
