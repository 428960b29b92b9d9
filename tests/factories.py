"""Make things; each with ordinary defaults, so that a test states only what it is about."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count

from django.db.models import F

from accounts.actions import confirm_address
from accounts.models import CustomUser
from common.clock import to_ns
from futures.bars import NewBar
from futures.models import CalendarEvent, Contract, Product
from ledger.actions import record_bars, record_fills
from ledger.models import ReconciledDay, Trade
from ledger.words import NewFill
from traders.models import Group, Platform, PlatformAccount, Trader

AT = datetime(2026, 3, 31, 12, tzinfo=UTC)
MONTHS = {"Mar26": date(2026, 3, 1), "Jun26": date(2026, 6, 1)}
_numbers = count(1)


def make_group(name: str = "", **given) -> Group:
    return Group.objects.create(name=name or f"Group {next(_numbers)}", **given)


def make_trader(group: Group, name: str = "", *, accounts: int = 1, **given) -> Trader:
    """Make a trader with live accounts."""
    trader = Trader.objects.create(group=group, name=name or f"Trader {next(_numbers)}", **given)
    for _ in range(accounts):
        make_account(trader)
    return trader


def make_account(trader: Trader, account: str = "", *, is_sim: bool = False) -> PlatformAccount:
    platform, _ = Platform.objects.get_or_create(code="tt", defaults={"name": "TT"})
    return PlatformAccount.objects.create(
        trader=trader,
        platform=platform,
        environment="ext_prod_live",
        account=account or f"A{next(_numbers):04}",
        is_sim=is_sim,
    )


def make_user(
    name: str = "",
    *,
    group: Group | None = None,
    trader: Trader | None = None,
    password: str | None = None,
    verified: bool = True,
    **given,
) -> CustomUser:
    """Make a log-in `name`@desk.test."""
    name = name or f"user{next(_numbers)}"
    user = CustomUser(username=name, email=f"{name}@desk.test", group=group, trader=trader, **given)
    user.set_password(password)
    user.save()
    if verified:
        confirm_address(user)
    return user


def make_contract(symbol: str = "ES", month: str = "Mar26") -> Contract:
    """Return a product's month, made once."""
    product = Product.objects.get(symbol=symbol)
    return Contract.objects.get_or_create(
        name=f"{symbol} {month}",
        defaults={
            "product": product,
            "expiry_month": MONTHS[month],
            "currency": product.currency,
            "tick_size": product.tick_size,
            "point_value": product.point_value,
        },
    )[0]


def make_trade(
    whose: CustomUser | Trader | PlatformAccount,
    *,
    pnl: str = "100.00",
    day: int = 2,
    symbol: str = "ES",
    side: int = 1,
    quantity: int = 1,
    sim: bool = False,
) -> Trade:
    """Close a trade on 2026-03-`day` through the real ledger, without fees, in USD products."""
    account = _account(whose, sim=sim)
    contract = make_contract(symbol)
    assert contract.point_value is not None
    number = next(_numbers)
    start = datetime(2026, 3, day, 8, tzinfo=UTC) + timedelta(seconds=number % 5000 * 10)
    entry = Decimal(100)
    leave = entry + Decimal(pnl) / (contract.point_value * quantity * side)
    fills = [
        new_fill(account, contract, f"in{number:08}", side, quantity, entry, start),
        new_fill(
            account, contract, f"out{number:08}", -side, quantity, leave,
            start + timedelta(seconds=5),
        ),
    ]  # fmt: skip
    record_fills(fills, at=AT)
    return Trade.objects.get(account=account, opened_exec_id=fills[0].exec_id)


def close_trade(
    whose: CustomUser | Trader | PlatformAccount,
    at: str,
    *,
    pnl: str = "100.00",
    symbol: str = "ES",
    nanoseconds: int = 0,
) -> Trade:
    """Close a one-lot trade of a second at an ISO instant, and so many nanoseconds."""
    account, contract = _account(whose, sim=False), make_contract(symbol)
    assert contract.point_value is not None
    end, number = datetime.fromisoformat(at), next(_numbers)
    leave = Decimal(100) + Decimal(pnl) / contract.point_value
    opening = new_fill(
        account, contract, f"in{number:08}", 1, 1, Decimal(100), end - timedelta(seconds=1)
    )
    closing = new_fill(account, contract, f"out{number:08}", -1, 1, leave, end)
    ns = closing.executed_ns + nanoseconds
    record_fills([opening, replace(closing, executed_ns=ns, received_ns=ns)], at=AT)
    return Trade.objects.get(account=account, opened_exec_id=opening.exec_id)


def _account(whose: CustomUser | Trader | PlatformAccount, *, sim: bool) -> PlatformAccount:
    if isinstance(whose, PlatformAccount):
        return whose
    trader = whose.trader if isinstance(whose, CustomUser) else whose
    assert trader is not None, "The user trades only when a trader is linked"
    return trader.accounts.filter(is_sim=sim).order_by("id").first() or make_account(
        trader, is_sim=sim
    )


def new_fill(
    account: PlatformAccount,
    contract: Contract,
    exec_id: str,
    side: int,
    quantity: int,
    price: Decimal,
    at: datetime,
    *,
    fees: Decimal | None = None,
) -> NewFill:
    """Say that `account` bought (side 1) or sold (-1); nothing is recorded yet."""
    return NewFill(
        account_id=account.pk,
        exec_id=exec_id,
        leg_index=0,
        ref_exec_id=None,
        action="new",
        kind="outright",
        synthetic=False,
        instrument_id=contract.name,
        contract_id=contract.pk,
        is_option=False,
        side=side,
        quantity=quantity,
        price=price,
        executed_ns=to_ns(at),
        received_ns=to_ns(at),
        fees=fees,
        position_effect=None,
    )


def make_bar(
    contract: Contract,
    start_at: datetime | str,
    close: str,
    *,
    opened: str = "",
    high: str = "",
    low: str = "",
    volume: int = 1,
) -> NewBar:
    """Store a minute of a contract; prices not told are the close."""
    at = datetime.fromisoformat(start_at) if isinstance(start_at, str) else start_at
    prices = (Decimal(price or close) for price in (opened, high, low, close))
    opening, highest, lowest, ending = prices
    bar = NewBar(contract.pk, at, opening, highest, lowest, ending, volume)
    record_bars([bar])
    return bar


def make_event(
    name: str,
    at: str,
    *,
    event_type: str = "other",
    country: str = "US",
    importance: str = "high",
    **given,
) -> CalendarEvent:
    """Enter an event of the calendar at an ISO instant."""
    return CalendarEvent.objects.create(
        name=name,
        at=datetime.fromisoformat(at),
        event_type=event_type,
        country=country,
        importance=importance,
        **given,
    )


def make_reconciled(
    trade: Trade, state: str = "mismatch", *, reason: str = "", day: date | None = None, **given
) -> ReconciledDay:
    """Say what a check of the day of a trade came to; its cached answers are made anew."""
    made = ReconciledDay.objects.create(
        account_id=trade.account_id,
        day=day or trade.closed_on,
        contract_id=trade.contract_id,
        product_id=trade.product_id,
        state=state,
        reason=reason,
        **{"fill_count": 2, "bought": 1, "sold": 1, "position": 0, "checked_at": AT} | given,
    )
    PlatformAccount.objects.filter(pk=trade.account_id).update(
        books_version=F("books_version") + 1, settled_version=F("settled_version") + 1
    )
    return made
