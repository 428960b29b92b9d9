"""What a simulator can be told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ingestion.simulator.listings import MOST_PRODUCTS

DEMO_SEED = 7


class BadSetup(ValueError):
    """The simulator cannot run like that; the sentence says what to change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """How much trades, from when, how fast and how badly.

    start           first day of trading; the history then has `days` days and goes on with the
                    present if `goes_on`, else nothing is traded after it
    accounts        live accounts in all; every tenth trader has a sim account beside them
    live_every      seconds between the trades of the present, 0 = only what the plan has
    speed           0: the past is answered at once; N: it unrolls N times as fast as it happened
                    until it has caught up with the present
    faults          "none", "mild", "full", or names and rates (see `faults`)
    requests        a second / a day, for each key, as in TT's plans; "" = as many as you like
    ledger_delay    seconds that the ledger lags; retention_days that it keeps, 0 = all
    page_size       rows of an answer
    account_page    accounts of an answer
    retry_after     seconds, in the 429 of a fault; slow_seconds: what a slow answer takes
    bars            files of one-minute bars whose contracts trade on them
    state           file that keeps when simulators ran, see `state`
    """

    start: date
    days: int = 365
    goes_on: bool = False
    seed: int = DEMO_SEED
    traders: int = 60
    accounts: int = 72
    products: int = 25
    live_every: float = 0.0
    speed: float = 0.0
    faults: str = "none"
    requests: str = ""
    ledger_delay: float = 0.0
    retention_days: int = 0
    page_size: int = 500
    account_page: int = 20
    bar_page: int = 5000
    token_seconds: int = 3600
    retry_after: float = 1
    slow_seconds: float = 1.0
    bars: tuple[Path, ...] = ()
    state: Path | None = None

    def __post_init__(self) -> None:
        if self.traders < 1 or self.days < 1:
            raise BadSetup("there must be at least one trader and one day")
        if self.accounts < self.traders:
            raise BadSetup(f"{self.traders} traders need at least as many accounts")
        if not 1 <= self.products <= MOST_PRODUCTS:
            raise BadSetup(f"products: 1 to {MOST_PRODUCTS}")
        if self.page_size < 20:
            raise BadSetup("page_size: at least 20, more than one stamp's rows")

    @property
    def rate(self) -> tuple[float, int] | None:
        """Return requests a second and a day; None without a limit."""
        if not self.requests:
            return None
        try:
            second, day = self.requests.split("/")
            return float(second), int(day)
        except ValueError:
            raise BadSetup(f"requests: '{self.requests}' is not like 3/10000") from None
