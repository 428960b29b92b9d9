"""A trade whose every minute is in the definitions, and what is read of the day's best."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from ledger.actions import record_fills
from ledger.models import Trade
from tests.factories import AT, make_contract, new_fill

URL = "/api/v1/comparative/top-intraday"
DAY = {"date": "2026-03-02"}
WHITELIST = {"id", "product", "opened_at", "closed_at", "is_own", "candles"}

# The worked example of the definitions, long 2 ES; its bars, high, low, close.
FILLS = ((1, 2, "5000", 20), (-1, 1, "5003", 130), (-1, 1, "5001.25", 220))
BARS = (("5001.5", "4998.75", "5001"), ("5003", "5000.5", "5002.5"), ("5003.5", "5001.75", "5002"))


def trade_of(whose: Any, *, lots: int = 1, fees: str = "0", symbol: str = "ES") -> Trade:
    """Make the worked example's trade, `lots` times as large."""
    account = whose.trader.accounts.get()
    contract, start = make_contract(symbol), datetime(2026, 3, 2, 14, 30, 0, 123456, tzinfo=UTC)
    record_fills(
        [
            new_fill(
                account, contract, f"{account.pk}{symbol}{after}", side, quantity * lots,
                Decimal(price), start + timedelta(seconds=after), fees=Decimal(fees),
            )
            for side, quantity, price, after in FILLS
        ],
        at=AT,
    )  # fmt: skip
    return Trade.objects.get(account=account, contract=contract)


def columns(row: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [
        tuple(candle[name] for name in candle if name != "datetime") for candle in row["candles"]
    ]


def products(answer: dict[str, Any]) -> list[str]:
    return sorted(row["product"] for row in answer["data"])
