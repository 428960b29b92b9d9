"""The worked examples of the definitions: their bars, and a way to trade on them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from typing import Any

from futures.bars import NewBar
from ledger.actions import record_bars, record_fills
from tests.factories import AT, make_contract, new_fill
from traders.models import PlatformAccount

Rows = Sequence[tuple[str, str, str, str, str]]
# minute, open, high, low, close
ES: Rows = [
    ("14:30", "4999.5", "5001.5", "4998.75", "5001"),
    ("14:31", "5001", "5003", "5000.5", "5002.5"),
    ("14:32", "5002.5", "5003.5", "5001.75", "5002"),
]
CL: Rows = [
    ("14:31", "70.00", "70.06", "69.99", "70.05"),
    ("14:32", "70.05", "70.20", "69.90", "69.95"),
]
OVERNIGHT: Rows = [
    ("22:30", "5000", "5001", "4999", "5000.5"),
    ("23:59", "5001", "5002.5", "5000.75", "5002"),
]
_numbers = count(1)


def instant(at: str) -> datetime:
    """Read "14:30", "14:30:20" (of 10 March 2026) or "11 00:10:00"."""
    day, _, moment = at.rpartition(" ")
    return datetime.fromisoformat(f"2026-03-{day or '10'} {moment}").replace(tzinfo=UTC)


def candle(at: str, *prices: float) -> dict[str, Any]:
    """A candle as the API tells it."""
    names = ("open", "high", "low", "close")
    values = (float(price) for price in prices)
    stamp = f"{instant(at):%Y-%m-%dT%H:%M:%SZ}"
    return {"datetime": stamp, **dict(zip(names, values, strict=True))}


def bars(symbol: str, rows: Rows, *, month: str = "") -> None:
    """Store bars of a contract."""
    contract = make_contract(symbol, month or _month(symbol))
    record_bars(
        [
            NewBar(
                contract.pk, instant(at), Decimal(first), Decimal(high), Decimal(low),
                Decimal(last), 1,
            )
            for at, first, high, low, last in rows
        ]
    )  # fmt: skip


def trade(
    account: PlatformAccount,
    symbol: str,
    *fills: tuple[int, str, str],
    month: str = "",
    fees: str = "0",
) -> None:
    """Report (signed contracts, price, moment), each with a fee."""
    contract = make_contract(symbol, month or _month(symbol))
    record_fills(
        [
            new_fill(
                account, contract, f"c{next(_numbers):06}", 1 if signed > 0 else -1, abs(signed),
                Decimal(price), instant(at), fees=Decimal(fees),
            )
            for signed, price, at in fills
        ],
        at=AT,
    )  # fmt: skip


def _month(symbol: str) -> str:
    return "Mar26" if symbol == "ES" else "Jun26"
