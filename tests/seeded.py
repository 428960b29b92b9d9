"""Random books of the whole cast, the same for the same seed; they go through the real ledger."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from futures.models import Contract, FxRate
from ledger.actions import record_fills
from ledger.models import Trade
from tests.factories import AT, make_account, make_contract, new_fill
from traders.models import PlatformAccount

FIRST, LAST = date(2026, 3, 2), date(2026, 3, 27)
SNAP_AT = datetime(2026, 3, 2, 14, 30, 20, 123456, tzinfo=UTC)
MISSING_RATES = (date(2026, 3, 9), date(2026, 3, 17))
CONTRACTS = (("ES", "Mar26"), ("ES", "Jun26"), ("CL", "Jun26"), ("FGBL", "Jun26"))


def seed_books(desk, seed=1, *, fills=12) -> list[Trade]:
    """Let every account trade for four weeks; two days have no EUR rate. Returns all trades.

    ana has a second live account and a sim account. Some positions stay open.
    """
    chance = random.Random(seed)
    make_account(desk.ana.trader)
    make_account(desk.ana.trader, is_sim=True)
    days = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
    FxRate.objects.bulk_create(
        FxRate(currency="EUR", day=day, usd_per_unit=Decimal("1.0837") + n * Decimal("0.0011"))
        for n, day in enumerate(days)
        if day not in MISSING_RATES
    )
    contracts = [make_contract(*names) for names in CONTRACTS]
    for account in PlatformAccount.objects.order_by("id"):
        record_fills(
            [
                fill
                for contract in contracts
                for fill in _walk(chance, account, contract, days, fills)
            ],
            at=AT,
        )
    return whole_books()


def whole_books() -> list[Trade]:
    """Return all trades in closing order, as a twin reads them."""
    found = Trade.objects.select_related("account__trader", "product", "contract")
    return sorted(
        found,
        key=lambda t: (
            t.closed_ns,
            t.closed_received_ns,
            t.closed_exec_id,
            t.closed_leg_index,
            t.id,
        ),
    )


def _walk(chance, account, contract, days, fills):
    """Buy and sell at random: flips, partial exits, several fills within one second."""
    price, at = Decimal(100), datetime(days[0].year, days[0].month, days[0].day, 6, tzinfo=UTC)
    for number in range(fills):
        at += timedelta(hours=chance.choice([0, 0, 2, 9, 40]), seconds=chance.choice([0, 1, 700]))
        if at.date() > days[-1]:
            return
        price += contract.tick_size * chance.randint(-40, 40)
        yield new_fill(
            account,
            contract,
            f"{account.pk}-{contract.pk}-{number:03}",
            chance.choice([1, -1]),
            chance.randint(1, 3),
            price,
            at,
            fees=chance.choice([None, Decimal("2.25"), Decimal("0.333333")]),
        )


def snap_trades(desk) -> Contract:
    """Trade one ES round trip with a partial exit and a CL loss, and stay long in ES Jun26.

    It is all that ana has; returns that last contract.
    """
    trader = desk.ana.trader
    trader.accounts.all().delete()
    account = make_account(trader, "SNAP-1")
    es, cl, later = make_contract("ES"), make_contract("CL"), make_contract("ES", "Jun26")
    rows = [
        (es, 1, 2, "5000", 0),
        (es, -1, 1, "5003", 110),
        (es, -1, 1, "5001.25", 200),
        (cl, -1, 1, "70.00", 90_000),
        (cl, 1, 1, "70.10", 90_600),
        (later, 1, 3, "5010.25", 91_000),
    ]
    record_fills(
        [
            new_fill(account, contract, f"snap-{n}", side, size, Decimal(price),
                     SNAP_AT + timedelta(seconds=after), fees=Decimal("2.25"))
            for n, (contract, side, size, price, after) in enumerate(rows)
        ],
        at=AT,
    )  # fmt: skip
    return later
