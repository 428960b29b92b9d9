"""The group's day results, day by product: of these atoms every sum of a group is made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Sum

from accounts.access import Accounts
from common.api import Period
from comparative.cohort import Cohort, Figure
from ledger.models import DayResult
from ledger.queries import on_days


@dataclass(frozen=True, slots=True)
class Atom:
    """One product on one UTC day."""

    day: date
    product_id: int
    figure: Figure


def day_products(*, accounts: Accounts, period: Period, cohort: Cohort) -> list[Atom]:
    """Return what all accounts closed, by day. 1 query."""
    cells = (
        DayResult.objects.filter(on_days("day", period))
        .filter(account__in=accounts.ids, trade_count__gt=0)
        .values_list("day", "product_id")
        .annotate(Sum("pnl_usd"), Sum("trade_count"), others=cohort.others())
        .order_by("day")
    )
    return [Atom(day, product, cohort.atom(*cell)) for day, product, *cell in cells]
