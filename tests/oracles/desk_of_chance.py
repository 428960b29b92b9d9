"""A desk that trades at random, told to the ledger in pieces and in any order.

What is told comes back as what holds, so that the oracle starts from the story, not from tables.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from common.clock import to_ns
from futures.models import FxRate
from ledger.actions import record_fills
from ledger.models import FeeSchedule
from ledger.words import NewFill
from tests.factories import AT, make_account, make_contract, make_trader, new_fill
from tests.oracles.book import Execution, Market
from traders.models import PlatformAccount

START = datetime(2026, 3, 2, tzinfo=UTC)
DAYS = 19
NAMES = (("ES", "Mar26"), ("ES", "Jun26"), ("CL", "Jun26"), ("FGBL", "Jun26"), ("NK", "Jun26"))
SCHEDULE = {"ES": "2.18", "FGBL": "0.963333", "NK": "240"}


@dataclass(frozen=True)
class Story:
    """What holds after all was told, and the daily rates."""

    executions: list[Execution]
    rates: dict[tuple[str, date], Fraction]

    def rate(self, currency: str, day: date) -> Fraction:
        return Fraction(1) if currency == "USD" else self.rates[currency, day]


def tell(desk, seed: int) -> Story:
    """Let ten accounts trade for three weeks; some of it told wrong, twice, late or backwards."""
    chance = random.Random(seed)
    make_account(desk.ana.trader)
    make_account(desk.ana.trader, is_sim=True)
    make_account(make_trader(desk.group, "Gone", is_archived=True))
    contracts = [make_contract(*names) for names in NAMES]
    rates = _rates(chance)
    schedule = _schedules(desk, contracts)
    holds: list[Execution] = []
    told: list[NewFill] = []
    for account in PlatformAccount.objects.select_related("trader").order_by("id"):
        for contract in contracts:
            for fill, is_effective in _walk(chance, account, contract):
                told.append(fill)
                if is_effective:
                    per_side = schedule.get((account.trader.group_id, contract.product_id), 0)
                    holds.append(execution(fill, account, contract, per_side))
    chance.shuffle(told)
    told += chance.sample(told, len(told) // 5)
    while told:
        size = chance.randint(1, len(told) // 3 + 1)
        record_fills(told[:size], at=AT)
        told = told[size:]
    return Story(holds, rates)


def _rates(chance):
    rows = [
        FxRate(currency=currency, day=START.date() + timedelta(days=n), usd_per_unit=level * stray)
        for currency, level in (("EUR", Decimal("1.08371")), ("JPY", Decimal("0.0067123")))
        for n in range(-1, DAYS + 8)
        for stray in [1 + Decimal(chance.randint(-900, 900)) / 100_000]
    ]
    FxRate.objects.bulk_create(rows)
    return {
        (row.currency, row.day): Fraction(row.usd_per_unit) for row in FxRate.objects.iterator()
    }


def _schedules(desk, contracts):
    """The desk pays by schedule where the provider is silent; the others pay nothing then."""
    rows = {}
    for contract in contracts:
        per_side = SCHEDULE.get(contract.product.symbol)
        if per_side and (desk.group.pk, contract.product_id) not in rows:
            FeeSchedule.objects.create(
                group=desk.group, product=contract.product, from_day=date(2026, 1, 1),
                per_side=Decimal(per_side),
            )  # fmt: skip
            rows[desk.group.pk, contract.product_id] = Fraction(per_side)
    return rows


def _walk(chance, account, contract):
    """Yield (row, whether it holds): flips, partial exits, bursts of one stamp, nights."""
    price = Decimal("0.5") if contract.product.symbol == "CL" else Decimal(100)
    at, number = START + timedelta(seconds=chance.randint(0, 40_000)), 0
    while (at - START).days < DAYS and number < 16:
        at += timedelta(hours=chance.choice([0, 0, 0, 1, 7, 30]), seconds=chance.choice([0, 0, 41]))
        price += contract.tick_size * chance.randint(-40, 40)
        number += 1
        name = f"{account.pk}.{contract.pk}.{number:02}"
        told = chance.choice([None, None, Decimal("2.25"), Decimal("0.333333"), Decimal("-1.1")])
        fill = new_fill(
            account, contract, name, chance.choice([1, -1]), chance.randint(1, 4), price, at,
            fees=told,
        )  # fmt: skip
        received = to_ns(at) + chance.choice([0, 0, 1, 5_000_000_000])
        fill = replace(fill, received_ns=received, executed_ns=fill.executed_ns + number % 3)
        yield from _told(chance, fill, name)


def _told(chance, fill, name):
    """Yield a fill as the provider tells it: plainly, corrected once or twice, beside ghosts."""
    fate = chance.random()
    if fate < 0.75:
        yield fill, True
    elif fate < 0.85:
        wrong = replace(fill, quantity=fill.quantity + 1, price=fill.price + 3)
        yield wrong, False
        yield replace(fill, exec_id=f"{name}c", action="correct", ref_exec_id=name), True
    elif fate < 0.9:
        yield replace(fill, side=-fill.side), False
        nearly = replace(fill, exec_id=f"{name}c", action="correct", ref_exec_id=name)
        yield replace(nearly, quantity=9), False
        yield replace(nearly, exec_id=f"{name}d", ref_exec_id=f"{name}c"), True
    elif fate < 0.95:
        yield fill, False
        yield replace(fill, exec_id=f"{name}x", action="cancel", ref_exec_id=name), False
    else:
        yield replace(fill, synthetic=True), False
        yield replace(fill, exec_id=f"{name}o", is_option=True, contract_id=None), False


def execution(fill, account, contract, per_side, /) -> Execution:
    fees = Fraction(per_side) * fill.quantity if fill.fees is None else Fraction(fill.fees)
    market = Market(
        contract.name, contract.product.symbol, contract.currency, Fraction(contract.point_value)
    )
    return Execution(
        account=account.account,
        market=market,
        ns=fill.executed_ns,
        received=fill.received_ns,
        exec_id=fill.exec_id,
        leg=fill.leg_index,
        signed=fill.side * fill.quantity,
        price=Fraction(fill.price),
        fees=fees,
    )
