"""What the group made within stretches of time, by product, under the group's min_cohort.

Whole days are the atoms of every other reading. A window of minutes is not: whoever may choose its
ends could lay two windows side by side whose difference is a single trade, however many traders
stand behind each, and a part of a day taken from the whole of it tells the rest. So under a cohort
a window never cuts an atom. Of a product it tells the own trades within it and what the others
closed on a day only where all of that lies within. Where it would cut the others' day, or too few
of them traded at all on it, the product is suppressed. That a lone trader closed at noon, and not
at one, then shows nowhere either.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import NamedTuple, TypeAlias

from django.db.models import Count, Max, Min, Sum

from comparative.cohort import HIDDEN, Cohort, Figure, total
from ledger.models import Trade
from ledger.queries import of_products
from ledger.windows import Around, ProductSum, Stretch, days_of, whole_day

Figures: TypeAlias = dict[Stretch, dict[int, Figure]]


class TheirDay(NamedTuple):
    """What the other traders closed of one product on one day, and from when until when."""

    product_id: int
    figure: Figure
    first_ns: int
    last_ns: int


def figures_around(around: Around, cohort: Cohort) -> Figures:
    """Return each stretch's figures by product; something hides. 1 query, 2 for windows."""
    return _by_day(around, cohort) if around.whole_days else _uncut(around, cohort)


def _by_day(around: Around, cohort: Cohort) -> Figures:
    found: Figures = defaultdict(dict)
    cells = (
        around.day_results()
        .filter(trade_count__gt=0)
        .values_list("day", "product_id")
        .annotate(Sum("pnl_usd"), Sum("trade_count"), others=cohort.others())
    )
    for day, product, pnl, trades, others in cells:
        found[whole_day(day)][product] = cohort.atom(pnl, trades, others)
    return found


def _uncut(around: Around, cohort: Cohort) -> Figures:
    own = replace(around, account_ids=cohort.own).sums()
    days = _their_days(around, cohort)
    return {stretch: _within(stretch, own, days) for stretch in around.stretches}


def _their_days(around: Around, cohort: Cohort) -> dict[date, list[TheirDay]]:
    """Return the others' atoms of the days that the stretches touch. 1 query."""
    found: dict[date, list[TheirDay]] = defaultdict(list)
    rows = (
        Trade.objects.filter(of_products(around.products), closed_on__in=around.days)
        .filter(account__in=set(around.account_ids) - set(cohort.own), pnl_usd__isnull=False)
        .values_list("closed_on", "product_id")
        .annotate(
            Sum("pnl_usd"), Count("id"), Min("closed_ns"), Max("closed_ns"),
            others=cohort.others(),
        )
    )  # fmt: skip
    for day, product, pnl, trades, first, last, others in rows:
        figure = cohort.atom(pnl, trades, others)
        found[day].append(TheirDay(product, figure, first, last))
    return found


def _within(
    stretch: Stretch, own: dict[Stretch, list[ProductSum]], days: dict[date, list[TheirDay]]
) -> dict[int, Figure]:
    parts: dict[int, list[Figure]] = defaultdict(list)
    for product, pnl, trades in own.get(stretch, ()):
        parts[product].append(Figure(pnl, trades))
    for theirs in (row for day in days_of(stretch) for row in days.get(day, ())):
        if theirs.figure.suppressed or _cuts(stretch, theirs):
            parts[theirs.product_id].append(HIDDEN)
        elif stretch[0] <= theirs.first_ns <= stretch[1]:
            parts[theirs.product_id].append(theirs.figure)
    return {product: _whole(those) for product, those in parts.items()}


def _cuts(stretch: Stretch, theirs: TheirDay) -> bool:
    first, last = stretch
    inside = first <= theirs.first_ns and theirs.last_ns <= last
    outside = theirs.last_ns < first or last < theirs.first_ns
    return not inside and not outside


def _whole(parts: Iterable[Figure]) -> Figure:
    """Return the sum; of a product of which something is hidden, nothing."""
    figure = total(parts)
    return replace(HIDDEN, left_out=figure.left_out) if figure.left_out else figure
