"""One trader's results by tag, custom tags included."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from accounts.access import Accounts
from common.api import Period
from common.cache import cached
from journal.queries.tagged import Branch, SetSum, branches, sums_by_set
from journal.queries.tags import Tags
from personal.queries.reading import Reading, reading

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class TagResult:
    """The trades of a tag, or of all tags below it, each once."""

    id: int
    type: str
    name: str
    pnl: Decimal
    trade_count: int
    children: tuple[TagResult, ...]


def performance_by_tag(
    *, accounts: Accounts, period: Period, tags: Tags, version: int
) -> Reading[tuple[TagResult, ...]]:
    """Return category -> tag -> custom tag, in the order of the taxonomy, empty ones included.

    Names are never old: only sums are cached. 3 queries.

    tags     the fixed ones and the trader's own
    version  journal_version of the accounts
    """
    found = _sums(accounts=accounts, period=period, version=version)
    leaves = ((one.tags, one) for one in found.rows)
    rows = tuple(_told(branch) for branch in branches(tags, leaves, custom=True))
    return Reading(rows, found.notes, found.data_through)


@cached(ttl="personal.performance-by-tag")
def _sums(*, accounts: Accounts, period: Period, version: int) -> Reading[tuple[SetSum, ...]]:
    sums = sums_by_set(accounts=accounts, period=period, custom=True)
    return reading(sums, accounts=accounts, period=period)


def _told(branch: Branch[SetSum]) -> TagResult:
    return TagResult(
        id=branch.id,
        type="custom" if branch.is_custom else "fixed",
        name=branch.name,
        pnl=sum((leaf.pnl for leaf in branch.leaves), ZERO),
        trade_count=sum(leaf.trade_count for leaf in branch.leaves),
        children=tuple(_told(child) for child in branch.children),
    )
