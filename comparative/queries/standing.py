"""Where the viewer stands in the group."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from accounts.access import Accounts
from calc.metrics import MEASURES, NO_LOSSES, NO_TRADES, measures_of, place
from common.api import Period
from common.cache import cached
from comparative.cohort import Cohort
from comparative.queries.reading import Reading, reading
from comparative.queries.records import records

NOBODY = "no trader of the group is linked to your log-in"
ALONE = "nobody else is ranked"


@dataclass(frozen=True, slots=True)
class Rank:
    """A place among the `ranked` traders for whom the figure is defined, the highest first."""

    rank: int | None
    percentile: float | None
    ranked: int | None


@dataclass(frozen=True, slots=True)
class Standing:
    """The viewer's place by each of calc's MEASURES; never a value, nor whose place another is."""

    pnl: Rank
    win_rate: Rank
    profit_factor: Rank
    expectancy: Rank


@cached(ttl="comparative.standing")
def standing(
    *, accounts: Accounts, period: Period, cohort: Cohort, own: tuple[int, ...]
) -> Reading[Standing]:
    """Return the place of the trader who has the `own` accounts. 2 queries.

    A place says how many others stand above the own figure. So it is told under the rule of sums:
    where the ranked others are fewer than the cohort needs, nothing is.
    """
    mine: dict[str, Fraction | None] = {}
    theirs: dict[str, list[Fraction]] = {name: [] for name in MEASURES}
    for record in records(accounts=accounts, period=period, own=own):
        for name, value in measures_of(record.score).items():
            if record.is_own:
                mine[name] = value
            elif value is not None:
                theirs[name].append(value)
    notes: list[str] = []
    ranks = {}
    for name in MEASURES:
        value, why = mine.get(name), NOBODY if not own else NO_LOSSES if mine else NO_TRADES
        ranks[name] = _rank(name, value, theirs[name], cohort, why, notes)
    return reading(
        Standing(**ranks), accounts=accounts, period=period, cohort=cohort, notes=tuple(notes)
    )


def _rank(
    name: str,
    own: Fraction | None,
    others: list[Fraction],
    cohort: Cohort,
    why: str,
    notes: list[str],
) -> Rank:
    """Return the place by one figure; each null leaves its reason in the notes."""
    if cohort.hides(len(others)):
        few = f"fewer than {cohort.least} other traders are ranked"
        notes.append(f"The rank by {name} is null: {few}")
        return Rank(None, None, None)
    if own is None:
        notes.append(f"The rank by {name} is null: {why}")
        return Rank(None, None, len(others))
    found = place(own, others)
    if found.percentile is None:
        notes.append(f"The percentile by {name} is null: {ALONE}")
    return Rank(found.rank, found.percentile, len(others) + 1)
