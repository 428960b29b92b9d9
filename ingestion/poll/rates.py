"""Daily rates: asked for where fills need them, and again where the provider had none."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

import structlog
from django.db import connection as database
from django.db import transaction

from futures.models import FxRate
from ingestion.models import MissingRate
from ingestion.poll.watch import Watch
from ingestion.providers.base import (
    BudgetSpent,
    Provider,
    ProviderDown,
    ProviderError,
    Unauthorized,
)
from ledger.actions import record_rates, release_held

log = structlog.get_logger(__name__)

FIRST_WAIT = timedelta(minutes=10)
LONGEST_WAIT = timedelta(hours=12)
AT_ONCE = 50

Rate = tuple[str, date, Decimal]


class CurrencyDay(NamedTuple):
    currency: str
    day: date


def poll_rates(provider: Provider, watch: Watch) -> int:
    """Ask for the rates that hold results back, and price these; return how many came."""
    wanted = _held_back()
    _release_told(wanted, watch)
    return ask(provider, wanted, watch)


def _release_told(wanted: Collection[CurrencyDay], watch: Watch) -> None:
    """Price what is held back though its rate is there: a rate that came while its fills did."""
    told = FxRate.objects.filter(
        currency__in={currency for currency, _ in wanted}, day__in={day for _, day in wanted}
    )
    late = {key[0] for key in told.values_list("currency", "day") if CurrencyDay(*key) in wanted}
    for currency in sorted(late):
        release_held(currency=currency, at=watch.now())


def ask(provider: Provider, wanted: Collection[CurrencyDay], watch: Watch) -> int:
    """Ask for those rates that are not stored and not asked for lately; return how many came."""
    if not wanted:
        return 0
    days = [day for _, day in wanted]
    span = {"day__gte": min(days), "day__lte": max(days)}
    stored = set(FxRate.objects.filter(**span).values_list("currency", "day"))
    asked = set(
        MissingRate.objects.filter(**span, next_try_at__gt=watch.now()).values_list(
            "currency", "day"
        )
    )
    came: list[Rate] = []
    stored_count = 0
    try:
        for currency, day in sorted(set(wanted) - stored - asked):
            if (rate := _told(provider, currency, day)) is None:
                _missing(currency, day, watch)
                continue
            came.append((currency, day, rate))
            if len(came) == AT_ONCE:
                stored_count += _store(provider, came, watch)
                came = []
    finally:  # what came before a failure is kept
        stored_count += _store(provider, came, watch)
    return stored_count


def _told(provider: Provider, currency: str, day: date) -> Decimal | None:
    try:
        rate = provider.fx_rate(currency, day)
    except (ProviderDown, Unauthorized, BudgetSpent):
        raise
    except ProviderError as reason:
        log.warning("rate_untold", currency=currency, day=str(day), reason=str(reason))
        return None
    return rate if rate is not None and rate.is_finite() and rate > 0 else None


@transaction.atomic
def _store(provider: Provider, came: list[Rate], watch: Watch) -> int:
    """Write rates and price what was held back for them, in one transaction."""
    record_rates(came, source=provider.code)
    for currency in sorted({currency for currency, _, _ in came}):
        days = [day for told, day, _ in came if told == currency]
        MissingRate.objects.filter(currency=currency, day__in=days).delete()
        release_held(currency=currency, at=watch.now())
    return len(came)


def _held_back() -> set[CurrencyDay]:
    """Return the currencies and days whose missing rates hold results back."""
    with database.cursor() as cursor:
        cursor.execute(
            """
            SELECT EXISTS (SELECT FROM ledger_trade WHERE pnl_usd IS NULL AND NOT is_copied)
                OR EXISTS (SELECT FROM ledger_position WHERE held <> '')"""
        )
        if not cursor.fetchone()[0]:
            return set()
        cursor.execute(
            """
            SELECT DISTINCT c.currency, d.day FROM ledger_dayresult d
            JOIN futures_contract c ON c.id = d.contract_id
            WHERE d.realized_held AND c.currency <> 'USD'"""
        )
        return {CurrencyDay(*row) for row in cursor.fetchall()}


def _missing(currency: str, day: date, watch: Watch) -> None:
    row, made = MissingRate.objects.get_or_create(
        currency=currency, day=day, defaults={"next_try_at": watch.now() + FIRST_WAIT}
    )
    if not made:
        row.tries += 1
        row.next_try_at = watch.now() + min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(row.tries, 10))
        row.save()
