"""The group's results by tag."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from accounts.access import Accounts
from common.api import Period
from common.cache import cached
from comparative.cohort import EVERYBODY, Cohort, Figure, total
from comparative.queries.reading import Reading, reading
from journal.queries.rolled import atoms_of_group, sums_of_group
from journal.queries.tagged import Branch, branches
from journal.queries.tags import Tags


@dataclass(frozen=True, slots=True)
class TagFigure:
    """What the group made with the trades of a tag, or of all tags below it; null if suppressed."""

    id: int
    type: str
    name: str
    pnl: Decimal | None
    trade_count: int | None
    suppressed: bool
    children: tuple[TagFigure, ...]


@dataclass(frozen=True, slots=True)
class TaggedAtom:
    """The trades of one day that bear exactly these fixed tags, as the viewer may read them."""

    tags: tuple[int, ...]
    figure: Figure


def performance_by_tag(
    *, accounts: Accounts, period: Period, cohort: Cohort, tags: Tags, version: int
) -> Reading[tuple[TagFigure, ...]]:
    """Return category -> tag sums in the order of the taxonomy, empty tags included. 3 queries.

    Days by sets of tags are the atoms: sets do not overlap, so tags that share a trade give nothing
    away by subtraction (see `cohort`). Names are never old: only sums are cached.

    tags     the fixed tags
    version  journal_version of the accounts
    """
    found = _atoms(accounts=accounts, period=period, cohort=cohort, version=version)
    leaves = ((atom.tags, atom.figure) for atom in found.rows)
    told: list[Figure] = []
    rows = tuple(_told(branch, told) for branch in branches(tags, leaves, custom=False))
    return Reading(rows, (*found.notes, *cohort.notes(told)))


@cached(ttl="comparative.performance-by-tag")
def _atoms(
    *, accounts: Accounts, period: Period, cohort: Cohort, version: int
) -> Reading[tuple[TaggedAtom, ...]]:
    if cohort == EVERYBODY:
        sums = sums_of_group(accounts=accounts, period=period)
    else:
        sums = atoms_of_group(accounts=accounts, period=period, own=cohort.own)
    rows = tuple(
        TaggedAtom(one.tags, cohort.atom(one.pnl, one.trade_count, one.others)) for one in sums
    )
    return reading(rows, accounts=accounts, period=period, cohort=cohort)


def _told(branch: Branch[Figure], told: list[Figure]) -> TagFigure:
    """Shape a branch, and put what is told of it, and of what is below it, into `told`."""
    figure = total(branch.leaves)
    told.append(figure)
    return TagFigure(
        id=branch.id,
        type="fixed",
        name=branch.name,
        pnl=figure.pnl,
        trade_count=figure.trade_count,
        suppressed=figure.suppressed,
        children=tuple(_told(child, told) for child in branch.children),
    )
