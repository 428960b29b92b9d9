"""What stands beside every reading: how far the books go, and what is held back."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date

from django.db.models import Count, Max, OuterRef, Q, Subquery

from accounts.access import Accounts
from common.api import Period
from ledger.models import DayResult, Trade
from traders.models import PlatformAccount

MOST_REASONS = 10


def on_days(field: str, period: Period | None) -> Q:
    """Return the condition that the day in `field` lies in the period; None is all of time."""
    return Q() if period is None else Q(**{f"{field}__range": (period.start, period.end)})


def of_products(products: Collection[int]) -> Q:
    """Return the condition that the row is of one of these products; none given is all."""
    return Q(product__in=products) if products else Q()


def last_day(*, accounts: Accounts) -> date | None:
    """Return the last UTC day on which anything was booked; None in empty books. 1 query."""
    if not accounts.ids:
        return None
    newest = DayResult.objects.filter(account=OuterRef("pk")).order_by("-day").values("day")[:1]
    found: date | None = PlatformAccount.objects.filter(id__in=accounts.ids).aggregate(
        last=Max(Subquery(newest))
    )["last"]
    return found


def held_back(
    *,
    accounts: Accounts,
    period: Period | None,
    products: tuple[int, ...] = (),
    counted: bool = True,
) -> tuple[str, ...]:
    """Return a sentence per reason that keeps closed trades out of the sums. 1 query.

    counted  say how many trades; a count is left out where it would tell of single peers
    """
    reasons = (
        Trade.objects.filter(on_days("closed_on", period), of_products(products))
        .filter(account__in=accounts.ids, pnl_usd__isnull=True)
        .values_list("held")
        .annotate(Count("id"))
        .order_by("held")
    )
    return reasons_told(reasons, counted=counted)


def reasons_told(reasons: Iterable[tuple[str, int]], *, counted: bool) -> tuple[str, ...]:
    """Return a sentence per reason, with how many trades it holds back where `counted`."""
    told = [_sentence(trades if counted else None, held) for held, trades in reasons]
    more = len(told) - MOST_REASONS
    if more > 0:
        return (*told[:MOST_REASONS], f"More trades are held back for {more} other reasons")
    return tuple(told)


def _sentence(trades: int | None, reason: str) -> str:
    if trades is None:
        return f"Trades are held back: {reason}"
    return f"{trades} trade{' is' if trades == 1 else 's are'} held back: {reason}"
