"""What bars there are of a contract, day by day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Count, Max, Min, Sum
from django.db.models.functions import TruncDate

from futures.models import Bar

MOST = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class BarDay:
    """One UTC day of a contract; first and last are starts of minutes."""

    day: date
    bars: int
    first: datetime
    last: datetime
    low: Decimal
    high: Decimal
    volume: int


def bar_days(*, contract_id: int) -> tuple[BarDay, ...]:
    """Return the last 31 days up to the contract's last bar, latest first. 2 queries."""
    bars = Bar.objects.filter(contract_id=contract_id)
    last = bars.aggregate(last=Max("start_at"))["last"]
    if last is None:
        return ()
    days = (
        bars.filter(start_at__gt=last - MOST, start_at__lte=last)
        .values(day=TruncDate("start_at"))
        .annotate(
            bars=Count("start_at"), first=Min("start_at"), last=Max("start_at"),
            lowest=Min("low"), highest=Max("high"), traded=Sum("volume"),
        )
        .order_by("-day")
        .values_list("day", "bars", "first", "last", "lowest", "highest", "traded")
    )  # fmt: skip
    return tuple(BarDay(*row) for row in days)
