"""Each trader's record in a period: what they are ranked by, and what a coach reads."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q, Sum

from accounts.access import Accounts
from calc.metrics import Score
from common.api import Period
from ledger.models import DayResult
from ledger.queries import of_products, on_days


@dataclass(frozen=True, slots=True)
class Record:
    """Sums over one trader's closed trades."""

    trader_id: int
    is_own: bool
    score: Score


def records(
    *,
    accounts: Accounts,
    period: Period,
    products: tuple[int, ...] = (),
    own: tuple[int, ...] = (),
) -> list[Record]:
    """Return the record of every trader who closed a trade in the period. 1 query.

    own  the viewer's accounts
    """
    sums = (
        DayResult.objects.filter(on_days("day", period), of_products(products))
        .filter(account__in=accounts.ids, trade_count__gt=0)
        .values_list("account__trader_id")
        .annotate(
            Sum("trade_count"),
            Sum("win_count"),
            Sum("pnl_usd"),
            Sum("profit_usd"),
            Sum("loss_usd"),
            mine=Count("day", filter=Q(account__in=own)),
        )
        .order_by("account__trader_id")
    )
    return [Record(trader, bool(mine), Score(*score)) for trader, *score, mine in sums]
