"""The group's results, day by product: of these atoms its sums are made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Sum
from django.db.models.expressions import BaseExpression

from accounts.access import Accounts
from common.api import Period
from comparative.cohort import EVERYBODY, Cohort, Figure
from ledger.models import DayResult
from ledger.queries import on_days


@dataclass(frozen=True, slots=True)
class Atom:
    """One product on one UTC day; `more` is what else was asked for, () where hidden.

    day  None where all days of the period are one atom, since nothing has to be hidden
    """

    day: date | None
    product_id: int
    figure: Figure
    more: tuple[Any, ...]


def atoms(
    *, accounts: Accounts, period: Period, cohort: Cohort, days: bool, **more: BaseExpression
) -> list[Atom]:
    """Return what all accounts closed by product, and by day where that is asked or hides. 1 query.

    days  the answer tells of single days; rows come in their order then
    more  further aggregates of an atom's day results
    """
    by_day = days or cohort != EVERYBODY
    cells = (
        DayResult.objects.filter(on_days("day", period))
        .filter(account__in=accounts.ids, trade_count__gt=0)
        .values_list(*(("day", "product_id") if by_day else ("product_id",)))
        .annotate(Sum("pnl_usd"), Sum("trade_count"), others=cohort.others())
        .annotate(**more)
        .order_by(*(("day",) if by_day else ()))
    )
    return [
        Atom(row[0] if by_day else None, product, figure, () if figure.suppressed else tuple(extra))
        for row in cells
        for product, pnl, trades, others, *extra in (row[by_day:],)
        for figure in (cohort.atom(pnl, trades, others),)
    ]
