"""The group's day results, day by product: of these atoms its sums are made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Sum
from django.db.models.expressions import BaseExpression

from accounts.access import Accounts
from common.api import Period
from comparative.cohort import Cohort, Figure
from ledger.models import DayResult
from ledger.queries import on_days


@dataclass(frozen=True, slots=True)
class Atom:
    """One product on one UTC day; `more` is what else was asked for, () where hidden."""

    day: date
    product_id: int
    figure: Figure
    more: tuple[Any, ...]


def day_products(
    *, accounts: Accounts, period: Period, cohort: Cohort, **more: BaseExpression
) -> list[Atom]:
    """Return what all accounts closed, by day. 1 query.

    more  further aggregates of an atom's day results
    """
    cells = (
        DayResult.objects.filter(on_days("day", period))
        .filter(account__in=accounts.ids, trade_count__gt=0)
        .values_list("day", "product_id")
        .annotate(Sum("pnl_usd"), Sum("trade_count"), others=cohort.others())
        .annotate(**more)
        .order_by("day")
    )
    return [
        Atom(day, product, figure, () if figure.suppressed else tuple(extra))
        for day, product, pnl, trades, others, *extra in cells
        for figure in (cohort.atom(pnl, trades, others),)
    ]
