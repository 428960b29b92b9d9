"""What the fold must know beside the fills: names, point values, rates, fee schedules."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.db import connection

from common.fields import PRICE_PLACES, to_scaled
from futures.models import FxRate
from ledger.arrays import array

EPOCH = date(1970, 1, 1)
ONE = Decimal(1)
# Every fold and every candle begins here: to put these together anew cost more than to run them.
_ACCOUNTS = """
SELECT a.id, p.code, a.environment, a.account, t.group_id, g.scratch_ticks
FROM trader_platforms a
JOIN platforms p ON p.id = a.platform_id
JOIN traders t ON t.id = a.trader_id
JOIN groups g ON g.id = t.group_id
WHERE a.id = ANY(%s)"""
_CONTRACTS = """
SELECT id, name, product_id, currency, point_value, tick_size FROM futures_contract
WHERE id = ANY(%s)"""
_SCHEDULES = """
SELECT group_id, product_id, from_day, per_side FROM ledger_feeschedule
WHERE group_id = ANY(%s) AND product_id = ANY(%s) ORDER BY from_day"""


def day_of(number: int) -> date:
    """Return the UTC day of a number of days since 1970."""
    return EPOCH + timedelta(days=number)


def number_of(day: date) -> int:
    """Return the days since 1970 of a UTC day."""
    return (day - EPOCH).days


class AccountFacts(NamedTuple):
    platform: str
    environment: str
    account: str
    group_id: int
    scratch_ticks: int


class ContractFacts(NamedTuple):
    name: str
    product_id: int
    currency: str
    point_value: Decimal
    tick_nanos: int


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that prices a set of groups; read once per fold.

    rates      USD per unit by (currency, days since 1970); USD itself is 1
    schedules  by (group, product): days from which a fee holds, and the fees, micro units a side
    """

    accounts: dict[int, AccountFacts]
    contracts: dict[int, ContractFacts]
    rates: dict[tuple[str, int], Decimal]
    schedules: dict[tuple[int, int], tuple[list[int], list[int]]]

    def rate(self, currency: str, day: int) -> Decimal | None:
        return ONE if currency == "USD" else self.rates.get((currency, day))

    def fee(self, account_id: int, contract_id: int, day: int) -> int:
        """Return the scheduled fee of one contract and side, micro units of its currency."""
        key = (self.accounts[account_id].group_id, self.contracts[contract_id].product_id)
        days, fees = self.schedules.get(key, ([], []))
        place = bisect_right(days, day)
        return fees[place - 1] if place else 0


def read_facts(account_ids: Collection[int], contract_ids: Collection[int]) -> Facts:
    """Read what prices these accounts and contracts, rates apart. 3 queries."""
    schedules: dict[tuple[int, int], tuple[list[int], list[int]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_ACCOUNTS, [array(account_ids)])
        accounts = {row[0]: AccountFacts(*row[1:]) for row in cursor.fetchall()}
        cursor.execute(_CONTRACTS, [array(contract_ids)])
        contracts = {
            pk: ContractFacts(
                name, product, currency, value or Decimal(0), to_scaled(tick, PRICE_PLACES)
            )
            for pk, name, product, currency, value, tick in cursor.fetchall()
        }
        groups = {account.group_id for account in accounts.values()}
        products = {contract.product_id for contract in contracts.values()}
        cursor.execute(_SCHEDULES, [array(groups), array(products)])
        for group, product, day, fee in cursor.fetchall():
            days, fees = schedules.setdefault((group, product), ([], []))
            days.append(number_of(day))
            fees.append(fee)
    return Facts(accounts, contracts, {}, schedules)


def read_rates(facts: Facts, days: Iterable[int]) -> None:
    """Read the foreign currencies' rates of these days into `facts`. At most 1 query."""
    foreign = {contract.currency for contract in facts.contracts.values()} - {"USD"}
    wanted = set(days)
    if not foreign or not wanted:
        return
    rows = FxRate.objects.filter(
        currency__in=foreign,
        day__gte=day_of(min(wanted)),
        day__lte=day_of(max(wanted)),
    )
    for currency, day, rate in rows.values_list("currency", "day", "usd_per_unit"):
        facts.rates[currency, number_of(day)] = rate
