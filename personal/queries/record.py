"""Readings of single results: the whole metric table, wins against losses, PnL by size."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import accumulate

from django.db.models import QuerySet, Sum

from accounts.access import Accounts
from calc import metrics
from calc.distribution import Bin, distribution
from calc.metrics import Summary, WinLoss
from common.api import Period
from common.cache import cached
from ledger.models import DayResult, Trade
from ledger.queries import of_products, on_days
from personal.queries.reading import Reading, reading

CLOSING_ORDER = ("closed_ns", "closed_received_ns", "closed_exec_id", "closed_leg_index", "id")


@dataclass(frozen=True, slots=True)
class Day:
    """One UTC day on which trades closed, and the sum since the start of the period."""

    date: date
    pnl: Decimal
    cumulative_pnl: Decimal
    trade_count: int


@dataclass(frozen=True, slots=True)
class Pnl:
    """Results by day and by size."""

    days: tuple[Day, ...]
    distribution: tuple[Bin, ...]


@cached(ttl="personal.summary")
def summary(
    *, accounts: Accounts, period: Period, products: tuple[int, ...] = ()
) -> Reading[Summary]:
    """Return every metric of the trades closed in the period. 3 queries."""
    rows = (
        _priced(accounts, period, products)
        .order_by(*CLOSING_ORDER)
        .values_list("pnl_usd", "outcome", "opened_ns", "closed_ns", "closed_on")
    )
    pnl, outcomes, opened, closed, days = zip(*rows, strict=True) if rows else ((),) * 5
    daily: dict[date, Decimal] = defaultdict(Decimal)
    for day, result in zip(days, pnl, strict=True):
        daily[day] += result
    table = metrics.summary(
        pnl=pnl,
        outcomes=outcomes,
        hold_seconds=[
            Decimal(last - first).scaleb(-9) for first, last in zip(opened, closed, strict=True)
        ],
        daily=daily,
        start=period.start,
        end=period.end,
    )
    return reading(table, accounts=accounts, period=period, products=products, notes=table.notes)


@cached(ttl="personal.win-loss-ratio")
def win_loss_ratio(
    *, accounts: Accounts, period: Period, products: tuple[int, ...] = ()
) -> Reading[WinLoss]:
    """Return counts, rates and averages of the trades closed in the period. 3 queries."""
    rows = _priced(accounts, period, products).values_list("pnl_usd", "outcome")
    pnl, outcomes = zip(*rows, strict=True) if rows else ((), ())
    table = metrics.win_loss(pnl=pnl, outcomes=outcomes)
    return reading(table, accounts=accounts, period=period, products=products, notes=table.notes)


@cached(ttl="personal.performance-by-pnl")
def performance_by_pnl(
    *, accounts: Accounts, period: Period, products: tuple[int, ...] = ()
) -> Reading[Pnl]:
    """Return the days of the period with closed trades, and its trades by size. 4 queries."""
    days = (
        DayResult.objects.filter(on_days("day", period), of_products(products))
        .filter(account__in=accounts.ids, trade_count__gt=0)
        .values_list("day")
        .annotate(Sum("pnl_usd"), Sum("trade_count"))
        .order_by("day")
    )
    levels = accumulate(pnl for _, pnl, _ in days)
    results = _priced(accounts, period, products).values_list("pnl_usd")
    rows = Pnl(
        tuple(
            Day(day, pnl, level, trades)
            for (day, pnl, trades), level in zip(days, levels, strict=True)
        ),
        distribution([pnl for (pnl,) in results if pnl is not None]),
    )
    return reading(rows, accounts=accounts, period=period, products=products)


def _priced(accounts: Accounts, period: Period, products: tuple[int, ...]) -> QuerySet[Trade]:
    """Return the trades that closed in the period and whose pnl is known."""
    return Trade.objects.filter(on_days("closed_on", period), of_products(products)).filter(
        account__in=accounts.ids, pnl_usd__isnull=False
    )
