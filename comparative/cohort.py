"""min_cohort: which of the group's sums a regular user may read. Decided here and nowhere else.

An atom is one UTC day by one leaf: a product, a path of tags. Of an atom with one trader or more
behind it other than the viewer, but fewer than the group's min_cohort, nothing is told. One without
others is the viewer's own, and stays. Admins, and groups that set 0, read with EVERYBODY, which
hides nothing.

Whatever else is told is a sum of atoms that are told: parents, totals, periods. Then two periods,
a total and its parts, a sum and the own result differ by sums of told atoms again, and subtracting
gives nothing new. Every reading keeps to three rules:

1. It groups by day and leaf, also where its answer has no days, and makes an `atom` of each row.
2. Its parents are the `total` of those atoms, never a sum over rows.
3. Its atoms do not overlap, and no choice of the viewer's cuts them anew: two leaves that share a
   trade make a third leaf of what they share, a window of the clock holds a day's atom whole or not
   at all. Else two answers differ by a cut that nobody has counted the traders of.

    cells = trades.values_list("day", "product_id").annotate(
        Sum("pnl_usd"), Count("id"), others=cohort.others())
    figures = [cohort.atom(pnl, trades, others) for _, _, pnl, trades, others in cells]
    whole = total(figures)
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Q, Value
from django.db.models.expressions import BaseExpression

from accounts.access import GroupScope

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Figure:
    """Result and number of trades of an atom or of a sum of atoms.

    pnl, trade_count  USD and trades of the atoms that may be told; None where suppressed
    suppressed        there was something, and none of it may be told
    left_out          how many atoms are not in the figure
    """

    pnl: Decimal | None
    trade_count: int | None
    suppressed: bool = False
    left_out: int = 0


HIDDEN = Figure(None, None, suppressed=True, left_out=1)


@dataclass(frozen=True, slots=True)
class Cohort:
    """How many other traders must stand behind a sum; a frozen argument of every query.

    least  of them, or the sum is held back; 0 holds nothing back
    own    the viewer's accounts, which are not another's; () where least is 0, so that all who see
           the same share the cache
    """

    least: int
    own: tuple[int, ...]

    @classmethod
    def of(cls, scope: GroupScope) -> Cohort:
        """Return what holds for the viewer whom access gave this scope."""
        return cls(scope.min_cohort, scope.own) if scope.min_cohort else EVERYBODY

    def others(self, account: str = "account") -> BaseExpression:
        """Return what counts the other traders behind a group of rows, beside its sums.

        account  path from the row to its platform account
        """
        if not self.least:
            return Value(0)
        theirs = ~Q(**{f"{account}__in": self.own})
        return Count(f"{account}__trader_id", filter=theirs, distinct=True)

    def others_of(self, trader: str, account: str) -> str:
        """Return the same for SQL by hand; %(own)s are the own accounts.

        trader, account  its columns
        """
        if not self.least:
            return "0"
        return f"count(DISTINCT {trader}) FILTER (WHERE {account} <> ALL(%(own)s::bigint[]))"

    def hides(self, others: int) -> bool:
        """Say whether a sum with so many other traders behind it would tell of single ones."""
        return 1 <= others < self.least

    def atom(self, pnl: Decimal, trade_count: int, others: int) -> Figure:
        """Return the figure of one day and leaf."""
        return HIDDEN if self.hides(others) else Figure(pnl, trade_count)

    def notes(self, figures: Iterable[Figure], named: str = "pnl is") -> tuple[str, ...]:
        """Return what to say of the figures that an answer shows: which are null, which short."""
        few = f"fewer than {self.least} other traders traded"
        short = [figure.suppressed for figure in figures if figure.left_out]
        return (
            *((f"{named} null where suppressed: {few}",) if any(short) else ()),
            *(() if all(short) else (f"Sums leave out the days on which {few}",)),
        )


EVERYBODY = Cohort(0, ())


def total(figures: Iterable[Figure]) -> Figure:
    """Return the sum of the figures that may be told; of none at all, 0."""
    pnl, trades, told, left_out = ZERO, 0, 0, 0
    for figure in figures:
        left_out += figure.left_out
        if figure.pnl is not None and figure.trade_count is not None:
            pnl += figure.pnl
            trades += figure.trade_count
            told += 1
    if left_out and not told:
        return Figure(None, None, suppressed=True, left_out=left_out)
    return Figure(pnl, trades, left_out=left_out)
