"""What candles look like to those who read them."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Minutes:
    """One-minute candles of one series, oldest first; columns of equal length, whole numbers.

    at                      seconds since 1970 of the minute's start, UTC
    open, high, low, close  micro-USD; of a gross series nanopoints x contracts
    """

    at: tuple[int, ...]
    open: tuple[int, ...]
    high: tuple[int, ...]
    low: tuple[int, ...]
    close: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TradeCandles:
    """One trade, or one open position, on one UTC day; its first candle opens at the base.

    trade_id   of an open position the id that its trade will have
    """

    trade_id: UUID
    account_id: int
    contract_id: int
    product_id: int
    minutes: Minutes


@dataclass(frozen=True, slots=True)
class Intraday:
    """A UTC day of some accounts: their trades in opening order, and all of them together.

    notes  what could not be priced, and why
    """

    trades: tuple[TradeCandles, ...]
    total: Minutes
    notes: tuple[str, ...]
