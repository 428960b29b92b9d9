"""A period of one trader, a candle per day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.contrib.postgres.aggregates import BoolOr
from django.db.models import BigIntegerField, Exists, F, OuterRef, QuerySet, Sum
from django.db.models.functions import Cast

from accounts.access import Accounts
from common.api import Period
from common.cache import cached
from common.fields import MONEY_PLACES, to_scaled
from futures.models import FxRate
from futures.queries import ProductRow, products_of
from ledger import queries as ledger
from ledger.candles import DayCandle, day_candles
from ledger.candles.layers import ALL_PRODUCTS
from ledger.models import DayResult
from ledger.queries import MOST_REASONS, on_days
from personal.queries.reading import Reading


class Booked(NamedTuple):
    """What the books say of a product's day; realized: micro-USD, None where a rate is missing."""

    realized: int | None
    trade_count: int


@dataclass(frozen=True, slots=True)
class Days:
    """Day candles, oldest first; columns of equal length, micro-USD. Each opens at 0.

    trade_count  trades closed on the day; 0 where there is no candle
    realized     by the day's own fills; None while a rate is missing
    """

    day: tuple[date, ...]
    high: tuple[int, ...]
    low: tuple[int, ...]
    close: tuple[int, ...]
    trade_count: tuple[int, ...]
    realized: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class ProductDays:
    product: ProductRow
    days: Days


@dataclass(frozen=True, slots=True)
class PeriodOfDays:
    """Products by symbol, and all of them together."""

    individual: tuple[ProductDays, ...]
    aggregated: Days


@cached(ttl="personal.intraday-daily-pnl")
def intraday_daily_pnl(
    *, accounts: Accounts, period: Period, version: str
) -> Reading[PeriodOfDays]:
    """Return a candle for each product's day with a fill or a position. At most 8 queries.

    Where none is stored although something was filled, all of it is 0 but what the fills realised.

    version    of version_of(): part of the cache key
    """
    stored = day_candles(account_ids=accounts.ids, period=period)
    drawn: defaultdict[int, dict[date, DayCandle]] = defaultdict(dict)
    for row in stored.rows:
        drawn[row.product_id][row.day] = row
    booked = _booked(accounts, period)
    booked[ALL_PRODUCTS] = _together(booked, drawn)
    rows = PeriodOfDays(
        tuple(
            ProductDays(product, _days(drawn[product.id], booked[product.id]))
            for product in products_of({*drawn, *booked} - {ALL_PRODUCTS})
        ),
        _days(drawn[ALL_PRODUCTS], booked[ALL_PRODUCTS]),
    )
    last, doubts = ledger.through(accounts=accounts, period=period)
    return Reading(rows, (*_held(accounts, period), *doubts, *stored.notes), last)


def _results(accounts: Accounts, period: Period) -> QuerySet[DayResult]:
    return DayResult.objects.filter(on_days("day", period), account__in=accounts.ids)


def _booked(accounts: Accounts, period: Period) -> defaultdict[int, dict[date, Booked]]:
    """Return product -> day -> what its fills realised and closed. 1 query."""
    rows = (
        _results(accounts, period)
        .values_list("product_id", "day")
        .annotate(
            realized=Cast(Sum("realized_usd"), BigIntegerField()),
            is_held=BoolOr("realized_held"),
            closed=Sum(F("trade_count") + F("held_count")),
        )
    )
    found: defaultdict[int, dict[date, Booked]] = defaultdict(dict)
    for product, day, realized, is_held, closed in rows.order_by():
        found[product][day] = Booked(None if is_held else realized, closed)
    return found


def _together(
    booked: Mapping[int, Mapping[date, Booked]], drawn: Mapping[int, Mapping[date, DayCandle]]
) -> dict[date, Booked]:
    """Return the days of all products; a sum that lacks a part is not told.

    Trades count where their product has a candle, for it is of these that all of them have one.
    """
    days: dict[date, Booked] = {}
    for product, rows in booked.items():
        for day, one in rows.items():
            so_far = days.get(day, Booked(0, 0))
            known = None not in (one.realized, so_far.realized)
            days[day] = Booked(
                (one.realized or 0) + (so_far.realized or 0) if known else None,
                so_far.trade_count + (one.trade_count if day in drawn.get(product, {}) else 0),
            )
    return days


def _days(drawn: Mapping[date, DayCandle], booked: Mapping[date, Booked]) -> Days:
    """Put both beside each other, each day once."""
    nothing = Booked(0, 0)
    days = sorted({*drawn, *booked})
    rows = [drawn.get(day) for day in days]
    told = [booked.get(day, nothing) for day in days]
    return Days(
        day=tuple(days),
        high=tuple(_micros(row.high) if row else 0 for row in rows),
        low=tuple(_micros(row.low) if row else 0 for row in rows),
        close=tuple(_micros(row.close) if row else 0 for row in rows),
        trade_count=tuple(
            one.trade_count if row else 0 for row, one in zip(rows, told, strict=True)
        ),
        realized=tuple(one.realized for one in told),
    )


def _micros(usd: Decimal) -> int:
    return to_scaled(usd, MONEY_PLACES)


def _held(accounts: Accounts, period: Period) -> tuple[str, ...]:
    """Say why close_pnl_from_fills is null where it is. 1 query."""
    rates = FxRate.objects.filter(currency=OuterRef("contract__currency"), day=OuterRef("day"))
    rows = (
        _results(accounts, period)
        .filter(realized_held=True)
        .annotate(has_rate=Exists(rates))
        .order_by("day", "contract__currency")
        .values_list("day", "contract__currency", "has_rate")
        .distinct()
    )
    told = [
        f"close_pnl_from_fills is null: a result of {day} is too large to be true"
        if has_rate or currency == "USD"
        else f"close_pnl_from_fills is null: no {currency} rate for {day}"
        for day, currency, has_rate in rows
    ]
    if len(told) > MOST_REASONS:
        more = len(told) - MOST_REASONS
        return (*told[:MOST_REASONS], f"close_pnl_from_fills is null for {more} other reasons")
    return tuple(told)
