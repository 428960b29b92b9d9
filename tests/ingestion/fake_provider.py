"""A provider in the test's own process: what it holds, and what it does wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count

from common.clock import to_ns
from ingestion.actions import connect
from ingestion.models import Connection, Feed
from ingestion.poll import Report, due
from ingestion.providers.base import (
    Account,
    Action,
    Bar,
    Fill,
    Instrument,
    Kind,
    Misfit,
    Page,
    ProviderPosition,
    UnknownInstrument,
    WindowTooLarge,
)
from ledger.models import Fill as StoredFill
from tests.factories import make_group

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)  # a Tuesday
MINUTE = 60 * 10**9
HOUR = 60 * MINUTE
_numbers = count(1)


def ns(at: datetime | str) -> int:
    """Read a moment, or "2026-03-10 11:59:00" in UTC, as nanoseconds."""
    if isinstance(at, str):
        at = datetime.fromisoformat(at).replace(tzinfo=UTC)
    return to_ns(at)


def fill(
    at: datetime | str | int = "2026-03-10 11:59:00",
    *,
    side: int = 1,
    quantity: int = 1,
    price: str = "5000",
    account: str = "1001",
    instrument: str = "ES",
    **given,
) -> Fill:
    """Report one execution of ES; `at` is both its stamps unless `received` says otherwise."""
    stamp = at if isinstance(at, int) else ns(at)
    exec_id = given.pop("exec_id", None) or f"x{next(_numbers):06}"
    made = Fill(
        exec_id=exec_id,
        leg_index=0,
        ref_exec_id=None,
        action=Action.NEW,
        account_id=account,
        instrument_id=instrument,
        kind=Kind.OUTRIGHT,
        synthetic=False,
        side=side,
        quantity=quantity,
        price=Decimal(price),
        exec_time_ns=stamp,
        recv_time_ns=given.pop("received", stamp),
        fees=None,
        position_effect=None,
        raw={"uniqueExecId": exec_id, "price": price},
    )
    return replace(made, **given)


def instrument(name: str = "ES", **given) -> Instrument:
    facts = {
        "instrument_id": name,
        "contract": f"{name} Mar26",
        "product": name,
        "exchange": "CME",
        "product_name": name,
        "currency": "USD",
        "tick_size": Decimal("0.25"),
        "tick_value": Decimal("12.5"),
        "point_value": Decimal(50),
        "expires_on": date(2026, 3, 20),
        **given,
    }
    return Instrument(**facts)


BUND = {
    "exchange": "Eurex", "currency": "EUR", "tick_size": Decimal("0.01"),
    "tick_value": Decimal(10), "point_value": Decimal(1000),
}  # fmt: skip


@dataclass
class FakeProvider:
    """Answers from lists; `before` runs ahead of each call and may raise.

    widest_ns  a larger window is refused; page_size rows to a page
    """

    fills: list[Fill] = field(default_factory=list)
    misfits: list[Misfit] = field(default_factory=list)
    accounts: list[Account] = field(default_factory=list)
    given_up: dict[str, Account] = field(default_factory=dict)
    instruments: dict[str, Instrument] = field(default_factory=lambda: {"ES": instrument()})
    rates: dict[tuple[str, date], Decimal] = field(default_factory=dict)
    bars: list[Bar] = field(default_factory=list)
    code: str = "tt"
    page_size: int = 3
    widest_ns: int = 10**19
    before: Callable[[str], None] = lambda call: None
    windows: list[tuple[int, int]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    stretches: list[tuple[str, str, str]] = field(default_factory=list)  # contract, first, last

    def _call(self, name: str) -> None:
        self.asked.append(name)
        self.before(name)

    def list_accounts(self, cursor: str | None) -> Page[Account]:
        self._call("accounts")
        return Page(tuple(self.accounts))

    def get_account(self, account_id: str) -> Account | None:
        self._call(f"account {account_id}")
        return self.given_up.get(account_id)

    def list_fills(self, since_ns: int, until_ns: int, cursor: str | None) -> Page[Fill]:
        self._call("fills")
        if cursor is None:
            self.windows.append((since_ns, until_ns))
        if until_ns - since_ns > self.widest_ns:
            raise WindowTooLarge("too large")
        found = [one for one in self.fills if since_ns <= one.recv_time_ns <= until_ns]
        start = int(cursor or 0)
        end = start + self.page_size
        return Page(
            tuple(found[start:end]),
            str(end) if end < len(found) else None,
            tuple(self.misfits) if cursor is None else (),
        )

    def get_instrument(self, instrument_id: str) -> Instrument:
        self._call(f"instrument {instrument_id}")
        if instrument_id not in self.instruments:
            raise UnknownInstrument(f"no instrument {instrument_id}")
        return self.instruments[instrument_id]

    def list_positions(self) -> list[ProviderPosition]:
        return []

    def fx_rate(self, currency: str, day: date) -> Decimal | None:
        self._call(f"rate {currency} {day}")
        return self.rates.get((currency, day))

    def list_bars(
        self, contract: str, since: datetime, until: datetime, cursor: str | None
    ) -> Page[Bar]:
        self.stretches.append((contract, f"{since:%m-%d %H:%M}", f"{until:%m-%d %H:%M}"))
        self._call(f"bars {contract}")
        found = [
            bar for bar in self.bars if bar.contract == contract and since <= bar.start_at <= until
        ]
        return Page(tuple(found))

    def poll(self, now: datetime = NOW, **options) -> Report:
        """Poll everything that is due at `now`, against this provider."""
        return due(now, open_with=lambda connection: self, **options)

    def later(self, seconds: float, **options) -> Report:
        return self.poll(NOW + timedelta(seconds=seconds), **options)


def make_connection(*, history_from: date = date(2026, 3, 9), **given) -> Connection:
    facts = {
        "name": f"TT {next(_numbers)}",
        "platform": "tt",
        "environment": "ext_prod_live",
        "base_url": "http://127.0.0.1:1",
        "key": "key",
        "secret": "secret",
        "at": NOW,
        **given,
    }
    group = facts.pop("group", None) or make_group()
    return connect(group=group, history_from=history_from, **facts)


def feed_of(connection: Connection, stream: str = "fills") -> Feed:
    return Feed.objects.get(connection=connection, stream=stream)


def stored() -> list[str]:
    return sorted(StoredFill.objects.values_list("exec_id", flat=True))
