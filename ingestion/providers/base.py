"""The words in which every provider speaks to the house.

An adapter translates foreign rows into these, at the wall, loudly: a row that it cannot translate
becomes a `Misfit` that keeps the row and the reason, so that one bad row never stops its page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeVar

T = TypeVar("T")


class Action(StrEnum):
    NEW = "new"
    CORRECT = "correct"
    CANCEL = "cancel"


class Kind(StrEnum):
    OUTRIGHT = "outright"
    LEG = "leg"
    SPREAD = "spread"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Misfit:
    """A row that could not be translated; kept, counted and shown."""

    raw: Mapping[str, Any]
    reason: str


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One answer of a list; `next_cursor` is None on the last page."""

    items: tuple[T, ...]
    next_cursor: str | None = None
    misfits: tuple[Misfit, ...] = ()


@dataclass(frozen=True, slots=True)
class Account:
    account_id: str
    name: str
    is_sim: bool
    parent_id: str | None = None


@dataclass(frozen=True, slots=True)
class Fill:
    """One reported execution.

    price        contract points; may be negative
    quantity     contracts, > 0
    side         +1 bought, -1 sold
    *_ns         nanoseconds since 1970: the exchange's time, the provider's time
    fees         contract currency; None = not told
    ref_exec_id  the execution that a correction replaces or a cancel voids
    """

    exec_id: str
    leg_index: int
    ref_exec_id: str | None
    action: Action
    account_id: str
    instrument_id: str
    kind: Kind
    synthetic: bool
    side: int
    quantity: int
    price: Decimal
    exec_time_ns: int
    recv_time_ns: int
    fees: Decimal | None
    position_effect: str | None
    raw: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Instrument:
    """What an instrument is.

    contract       in TT's form, "ES Mar26"
    product        symbol, "ES"
    is_option      options are kept but stay out of positions
    point_value    contract currency per point; None = the provider does not say
    """

    instrument_id: str
    contract: str
    product: str
    exchange: str
    product_name: str
    currency: str
    tick_size: Decimal
    tick_value: Decimal | None
    point_value: Decimal | None
    expires_on: date | None
    kind: str = "future"  # future | option | spread | other

    @property
    def is_option(self) -> bool:
        return self.kind == "option"


@dataclass(frozen=True, slots=True)
class ProviderPosition:
    account_id: str
    instrument_id: str
    quantity: int  # contracts, signed


@dataclass(frozen=True, slots=True)
class Bar:
    """One minute of a contract, stamped at its start; prices in contract points."""

    contract: str
    start_at: datetime
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: int


class Provider(Protocol):
    code: str

    def list_accounts(self, cursor: str | None) -> Page[Account]: ...
    def get_account(self, account_id: str) -> Account | None: ...
    def list_fills(self, since_ns: int, until_ns: int, cursor: str | None) -> Page[Fill]: ...
    def get_instrument(self, instrument_id: str) -> Instrument: ...
    def list_positions(self) -> list[ProviderPosition]: ...
    def fx_rate(self, currency: str, day: date) -> Decimal | None: ...


class PriceSource(Protocol):
    def list_bars(
        self, contract: str, since: datetime, until: datetime, cursor: str | None
    ) -> Page[Bar]: ...


class ProviderError(Exception):
    """The provider could not be read; the sentence says how to mend it."""


class ProviderDown(ProviderError):
    """A passing fault: try again later, `retry_after` seconds from now if told."""

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class WindowTooLarge(ProviderError):
    """408 or 504: read both halves of the window instead."""


class StampFull(ProviderError):
    """More fills may share one receive stamp than the provider tells.

    rows  what it told of them
    page  the same, translated
    """

    def __init__(self, message: str, *, stamp_ns: int, rows: list[Any]) -> None:
        super().__init__(message)
        self.stamp_ns = stamp_ns
        self.rows = rows
        self.page: Page[Fill] = Page(())


class Unauthorized(ProviderError):
    """The key is refused, also after one new token: an alarm, not a retry."""


class UnknownInstrument(ProviderError):
    """The provider does not know the instrument (yet)."""


class InstrumentRefused(ProviderError):
    """The provider describes the instrument in a way that we do not price; its fills wait."""


class Unsupported(ProviderError):
    """The provider does not offer this reading at all."""


class BudgetSpent(ProviderError):
    """The day's requests are used up until `resumes_at`."""

    def __init__(self, message: str, *, resumes_at: datetime) -> None:
        super().__init__(message)
        self.resumes_at = resumes_at
