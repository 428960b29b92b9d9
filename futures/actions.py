"""Writes to the public market facts: contracts with their products, daily rates."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import structlog
from django.db import connection, transaction

from calc.colors import next_color
from common import locks
from futures.models import Contract, Product

log = structlog.get_logger(__name__)


class UnfitContract(ValueError):
    """What is told of a contract does not fit the house; an operator has to settle it."""


@dataclass(frozen=True, slots=True)
class ContractFacts:
    """What is told of a contract.

    point_value   currency per point; None = not told
    expiry_month  first day of the month
    """

    name: str
    symbol: str
    exchange: str
    product_name: str
    currency: str
    tick_size: Decimal
    tick_value: Decimal | None
    point_value: Decimal | None
    expiry_month: date
    expires_on: date | None


@dataclass(frozen=True, slots=True)
class Upserted:
    """A contract after it was told of; `repriced` = it has another point value than before."""

    contract: Contract
    made: bool
    repriced: bool
    notes: tuple[str, ...]


@transaction.atomic
def upsert_contract(facts: ContractFacts) -> Upserted:
    """Make or update the contract, and its product if the house does not know it.

    What is told of the contract wins over what the house knew; a disagreement with the product's
    facts is logged and noted. A point value that is not told leaves the known one in its place.
    UnfitContract when another product has a contract of that name, or a value is too fine to keep.
    """
    for what, value, places in (
        ("tick size", facts.tick_size, 9),
        ("point value", facts.point_value, 6),
    ):
        if value is not None and (value <= 0 or value != round(value, places)):
            raise UnfitContract(f"{facts.name}: a {what} of {value} cannot be kept exactly")
    locks.hold("contract", facts.name)
    contract = Contract.objects.select_related("product").filter(name=facts.name).first()
    product, notes = _product_of(facts)
    if contract is not None and contract.product_id != product.pk:
        raise UnfitContract(
            f"{facts.name} is a contract of {contract.product} at {contract.product.exchange}, "
            f"but is told to be one at {facts.exchange}: rename one of the two products"
        )
    notes += _disagreements(product, facts)
    for note in notes:
        log.warning("contract_facts_disagree", contract=facts.name, note=note)
    made = contract is None
    if contract is None:
        contract = Contract(product=product, name=facts.name, point_value=None)
    before = contract.point_value
    contract.expiry_month = facts.expiry_month.replace(day=1)
    contract.expires_on = facts.expires_on or contract.expires_on
    contract.currency = facts.currency
    contract.tick_size = facts.tick_size
    contract.point_value = facts.point_value if facts.point_value is not None else before
    contract.save()
    return Upserted(contract, made, contract.point_value != before, tuple(notes))


def contract_of_product(product: Product, *, name: str, expiry_month: date) -> Contract:
    """Return the contract of that name, made from what its product says where it is new."""
    known = Contract.objects.filter(name=name).first()
    if known is not None and known.point_value is not None:
        return known
    told = upsert_contract(
        ContractFacts(
            name=name, symbol=product.symbol, exchange=product.exchange,
            product_name=product.name, currency=product.currency, tick_size=product.tick_size,
            tick_value=product.tick_value, point_value=product.point_value,
            expiry_month=expiry_month, expires_on=None,
        )
    )  # fmt: skip
    return told.contract


@transaction.atomic
def set_rates(
    rates: Iterable[tuple[str, date, Decimal]], *, source: str
) -> list[tuple[str, date, bool]]:
    """Write daily rates, USD per unit; return (currency, day, was new) of those that changed.

    ValueError at a rate that is not finite or not above zero. The caller lets the ledger price
    what was held back for them.
    """
    rows = {(currency, day): rate for currency, day, rate in rates}
    for (currency, day), rate in rows.items():
        if not rate.is_finite() or rate <= 0:
            raise ValueError(f"the rate of {currency} on {day} is {rate}: it must be above zero")
    if not rows:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO futures_fxrate AS r (currency, day, usd_per_unit, source)
            SELECT currency, day, rate, %s
            FROM unnest(%s::text[], %s::date[], %s::numeric[]) AS n (currency, day, rate)
            ORDER BY currency, day
            ON CONFLICT (currency, day) DO UPDATE
                SET usd_per_unit = excluded.usd_per_unit, source = excluded.source
                WHERE r.usd_per_unit <> excluded.usd_per_unit
            RETURNING currency, day, xmax = 0""",
            [source, [c for c, _ in rows], [d for _, d in rows], list(rows.values())],
        )
        return [(currency, day, new) for currency, day, new in cursor.fetchall()]


def _product_of(facts: ContractFacts) -> tuple[Product, list[str]]:
    """Return the product, made with a colour of its own where the house does not know it."""
    locks.hold("products")
    same_symbol = list(Product.objects.filter(symbol=facts.symbol))
    for product in same_symbol:
        if product.exchange.upper() == facts.exchange.upper():
            return product, []
    # Exchanges go by several names; the same symbol with the same values is the same product.
    alike = [
        product
        for product in same_symbol
        if product.currency == facts.currency
        and product.tick_size == facts.tick_size
        and facts.point_value in (None, product.point_value)
    ]
    if len(alike) == 1:
        return alike[0], []
    point_value = facts.point_value
    if point_value is None and facts.tick_value is not None:
        point_value = facts.tick_value / facts.tick_size
    note = f"{facts.symbol} at {facts.exchange} is a new product: check its values"
    product = Product.objects.create(
        symbol=facts.symbol,
        exchange=facts.exchange,
        name=facts.product_name or facts.symbol,
        color=next_color(Product.objects.values_list("color", flat=True)),
        currency=facts.currency,
        tick_size=facts.tick_size,
        tick_value=facts.tick_value or facts.tick_size * (point_value or 1),
        point_value=point_value or 1,
        note="Told by the provider"
        + ("" if point_value else "; its point value is not known: 1 stands in its place here"),
    )
    return product, [note]


def _disagreements(product: Product, facts: ContractFacts) -> list[str]:
    told = {
        "currency": (product.currency, facts.currency),
        "tick size": (product.tick_size, facts.tick_size),
        "point value": (product.point_value, facts.point_value),
    }
    return [
        f"{facts.name}: the {what} is told to be {new}, its product has {old}"
        for what, (old, new) in told.items()
        if new is not None and new != old
    ]
