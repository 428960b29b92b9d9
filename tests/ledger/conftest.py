"""A small desk: one account, two contracts, and a way to report fills."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count

import pytest

from futures.models import Contract, Product
from ledger.actions import record_fills
from ledger.words import NewFill
from traders.models import Group, Platform, PlatformAccount, Trader

AT = datetime(2026, 3, 31, tzinfo=UTC)
NS = 1_000_000_000


def ns(text: str) -> int:
    """Read "2026-03-02 14:30:20" as nanoseconds, UTC."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * NS


@dataclass
class Books:
    account: PlatformAccount
    other: PlatformAccount
    es: Contract
    cl: Contract
    numbers: count = field(default_factory=lambda: count(1))

    def fill(self, side: int, quantity: int = 1, price="5000", at="2026-03-02 14:30:00", **given):
        executed = given.pop("executed_ns", None) or ns(at)
        exec_id = given.pop("exec_id", None) or f"x{next(self.numbers):06}"
        contract = given.pop("contract", self.es)
        words = {
            "account_id": self.account.id, "exec_id": exec_id, "leg_index": 0,
            "ref_exec_id": None, "action": "new", "kind": "outright", "synthetic": False,
            "instrument_id": contract.name if contract else "i-unknown",
            "contract_id": contract.id if contract else None, "is_option": False,
            "side": side, "quantity": quantity, "price": Decimal(price),
            "executed_ns": executed, "received_ns": executed, "fees": None,
            "position_effect": None,
        }  # fmt: skip
        return NewFill(**{**words, **given})

    def buy(self, *args, **given):
        return self.fill(1, *args, **given)

    def sell(self, *args, **given):
        return self.fill(-1, *args, **given)

    def record(self, *fills: NewFill):
        return record_fills(fills, at=AT)


def make_contract(symbol: str, name: str, month: date, **given) -> Contract:
    product = Product.objects.get(symbol=symbol)
    words = {
        "currency": product.currency, "tick_size": product.tick_size,
        "point_value": product.point_value,
    }  # fmt: skip
    return Contract.objects.create(product=product, name=name, expiry_month=month, **words | given)


@pytest.fixture
def books(db) -> Books:
    platform = Platform.objects.get_or_create(code="tt", defaults={"name": "TT"})[0]
    group = Group.objects.create(name="Floor one")
    accounts = []
    for name in ("A1", "A2"):
        trader = Trader.objects.create(group=group, name=name)
        accounts.append(
            PlatformAccount.objects.create(
                trader=trader, platform=platform, environment="ext_prod_live", account=name
            )
        )
    return Books(
        *accounts,
        es=make_contract("ES", "ES Mar26", date(2026, 3, 1)),
        cl=make_contract("CL", "CL Apr26", date(2026, 4, 1)),
    )
