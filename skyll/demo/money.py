"""What the demo needs to count in USD: a year of daily rates, and what the groups pay."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from futures.models import FxRate, Product
from ingestion.simulator import Simulator
from ledger.actions import record_rates, release_held
from ledger.models import FeeSchedule
from traders.models import Group

_MICRO = frozenset({"MES", "MNQ", "M2K", "MYM", "MGC", "MCL", "MBT", "MET", "FDXM"})
# Contract currency, per contract and side.
_PER_SIDE = {
    "CME": "2.18", "CBOT": "1.72", "NYMEX": "2.36", "COMEX": "2.36", "Eurex": "0.96",
    "ICE Europe": "1.05", "SGX": "240", "micro": "0.62",
}  # fmt: skip
_DISCOUNTS = (Decimal("1"), Decimal("1.15"), Decimal("0.9"))  # each group has its own terms


def fees(groups: Sequence[Group], simulator: Simulator) -> int:
    """Give each group a schedule for the products of the market; return how many were made."""
    known = set(FeeSchedule.objects.values_list("group_id", "product_id"))
    new = [
        FeeSchedule(
            group=group,
            product=product,
            from_day=simulator.setup.start,
            per_side=_per_side(product) * terms,
        )
        for group, terms in zip(groups, _DISCOUNTS, strict=True)
        for product in Product.objects.filter(symbol__in=simulator.products)
        if (group.pk, product.pk) not in known
    ]
    FeeSchedule.objects.bulk_create(new)
    return len(new)


def rates(simulator: Simulator, *, at: datetime) -> int:
    """Write the provider's rates up to yesterday; later ones come in by polling."""
    currencies = sorted({one.currency for one in simulator.products.values()} - {"USD"})
    days = (at.date() - simulator.setup.start).days
    known = set(FxRate.objects.values_list("currency", "day"))
    told = [
        (currency, day, Decimal(rate))
        for currency in currencies
        for day in (simulator.setup.start + timedelta(days=number) for number in range(days))
        if (currency, day) not in known
        and (rate := simulator.reference.rate(currency, day)) is not None
    ]
    new = len(record_rates(told, source="simulated"))
    if new:
        release_held(at=at)
    return new


def _per_side(product: Product) -> Decimal:
    terms = "micro" if product.symbol in _MICRO else product.exchange
    return Decimal(_PER_SIDE.get(terms, "1.50"))
