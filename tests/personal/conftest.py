"""What the tests of one trader's readings share."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from accounts.access import Accounts
from ledger.actions import record_fills
from ledger.models import Trade
from tests.factories import AT, make_contract, new_fill
from traders.models import PlatformAccount

MARCH = {"start_date": "2026-03-01", "end_date": "2026-03-31"}


@pytest.fixture
def ask(as_user):
    """Return a way to ask as somebody; what comes back has status 200."""

    def get(user, address, **params):
        answer = as_user(user).get(f"/api/v1/personal/{address}", params)
        assert answer.status_code == 200, answer.json()
        return answer.json()

    return get


def of(user, books, *, sim=False, products=(), within=None) -> list[Trade]:
    """Return a trader's trades that count, as a twin picks them."""
    first, last = within or (date.min, date.max)
    return [
        trade
        for trade in books
        if trade.account.trader_id == user.trader_id
        and trade.account.is_sim == sim
        and (not products or trade.product_id in products)
        and first <= trade.closed_on <= last
    ]


def priced(trades: list[Trade]) -> list[Trade]:
    return [trade for trade in trades if trade.pnl_usd is not None]


def cents(amount) -> float:
    return float(round(amount, 2))


def held_notes(trades: list[Trade]) -> list[str]:
    """Return the sentences of what is held back, as a twin words them."""
    reasons = [trade.held for trade in trades if trade.pnl_usd is None]
    return [
        f"{reasons.count(held)} trade{' is' if reasons.count(held) == 1 else 's are'} "
        f"held back: {held}"
        for held in sorted(set(reasons))
    ]


def hold_open(user, *, symbol="ES", month="Mar26", side=1, quantity=2, price="100", fees=None):
    """Buy (or sell) and do not close; returns the contract."""
    contract = make_contract(symbol, month)
    account = user.trader.accounts.filter(is_sim=False).order_by("id").first()
    at = datetime(2026, 3, 2, 14, 30, 20, 123456, tzinfo=UTC)
    fee = None if fees is None else Decimal(fees)
    fill = new_fill(
        account, contract, f"open-{contract}", side, quantity, Decimal(price), at, fees=fee
    )
    record_fills([fill], at=AT)
    return contract


@pytest.fixture
def open_position(db):
    """Return a way to buy (or sell) and not to close."""
    return hold_open


def accounts_of(*accounts: PlatformAccount) -> Accounts:
    """Return accounts as access would."""
    return Accounts.of((account.pk, 0) for account in accounts)
