"""What stands beside every reading: how far the books go, what is held back, what is in doubt."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from typing import NamedTuple

from django.db.models import (
    Count,
    DateField,
    IntegerField,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Cast

from accounts.access import Accounts
from common.api import Period
from ledger.models import DayResult, ReconciledDay, Trade, Verdict
from traders.models import PlatformAccount

MOST_REASONS = 10
# The worst first, and what a sentence says of a day that is in it.
DOUBTS = {
    Verdict.SKIPPED: "a fill is in no trade",
    Verdict.MISMATCH: "the provider, or the second feed, says otherwise",
    Verdict.UNVERIFIABLE: "it cannot be told yet whether the books are whole",
}
_HELD, _DOUBTED, _LAST = "held", "doubted", "last"


class Shortfall(NamedTuple):
    """Trades that are held back for one reason, or days that are in one state of doubt.

    what    _HELD or _DOUBTED; reason: the sentence of the trades, or the days' state
    number  of trades or days; first: the first of the days
    """

    what: str
    reason: str
    number: int
    first: date | None = None


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
    """Return what to say of closed trades that are in no sum, and of days in doubt. 1 query.

    counted  say how many; a count is left out where it would tell of single peers
    """
    held = Trade.objects.filter(on_days("closed_on", period), of_products(products)).filter(
        account__in=accounts.ids, pnl_usd__isnull=True
    )
    doubted = in_doubt(accounts=accounts, period=period, products=products)
    return not_whole(held, doubted, counted=counted)


def in_doubt(
    *, accounts: Accounts, period: Period | None, products: Collection[int] = ()
) -> QuerySet[ReconciledDay]:
    """Return the accounts' days and contracts that are not reconciled."""
    return ReconciledDay.objects.filter(on_days("day", period), of_products(products)).filter(
        account__in=accounts.ids, state__in=tuple(DOUBTS)
    )


def not_whole(
    held: QuerySet[Trade], doubted: QuerySet[ReconciledDay], *, counted: bool
) -> tuple[str, ...]:
    """Return a sentence per reason that keeps these trades out of the sums, and per state of
    doubt. 1 query."""
    trades = (
        held.order_by()
        .values("held")
        .annotate(what=Value(_HELD), count=Count("id"), first=_no_day())
        .values_list("what", "held", "count", "first")
    )
    rows = trades.union(_doubts(doubted), all=True)
    return told((Shortfall(*row) for row in rows), counted=counted)


def through(*, accounts: Accounts, period: Period) -> tuple[date | None, tuple[str, ...]]:
    """Return `last_day`, and a sentence per state of doubt of the period's days. 1 query."""
    if not accounts.ids:
        return None, ()
    newest = DayResult.objects.filter(account=OuterRef("pk")).order_by("-day").values("day")[:1]
    last_days = (
        PlatformAccount.objects.filter(id__in=accounts.ids)
        .annotate(
            what=Value(_LAST),
            reason=Value(""),
            count=Value(0, IntegerField()),
            first=Subquery(newest),
        )
        .values_list("what", "reason", "count", "first")
    )
    doubted = _doubts(in_doubt(accounts=accounts, period=period))
    rows = [Shortfall(*row) for row in last_days.union(doubted, all=True)]
    days = [row.first for row in rows if row.what == _LAST and row.first]
    return max(days, default=None), told(rows, counted=True)


def told(rows: Iterable[Shortfall], *, counted: bool) -> tuple[str, ...]:
    """Return a sentence for each, trades first, then the worst doubt; how many where `counted`."""
    found = sorted(rows, key=lambda row: (row.what, row.reason))
    held = [_held(row, counted=counted) for row in found if row.what == _HELD]
    if (more := len(held) - MOST_REASONS) > 0:
        held[MOST_REASONS:] = [f"More trades are held back for {more} other reasons"]
    states = {row.reason: row for row in found if row.what == _DOUBTED}
    return (
        *held,
        *(_doubt(states[state], counted=counted) for state in DOUBTS if state in states),
    )


def _doubts(
    doubted: QuerySet[ReconciledDay],
) -> QuerySet[ReconciledDay, tuple[str, str, int, date]]:
    return (
        doubted.order_by()
        .values("state")
        .annotate(what=Value(_DOUBTED), count=Count("day", distinct=True), first=Min("day"))
        .values_list("what", "state", "count", "first")
    )


def _no_day() -> Cast:
    return Cast(Value(None), DateField())


def _held(row: Shortfall, *, counted: bool) -> str:
    if not counted:
        return f"Trades are held back: {row.reason}"
    return f"{row.number} trade{' is' if row.number == 1 else 's are'} held back: {row.reason}"


def _doubt(row: Shortfall, *, counted: bool) -> str:
    why = DOUBTS[Verdict(row.reason)]
    if not counted:
        return f"Some days are not reconciled: {why}"
    if row.number == 1:
        return f"{row.first} is not reconciled: {why}"
    return f"{row.number} days, the first {row.first}, are not reconciled: {why}"
