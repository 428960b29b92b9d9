"""One-minute bars of the days on which a contract was traded or held."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import F

from common.fields import PRICE_PLACES, to_scaled
from futures.bars import NewBar
from ingestion.actions import quarantine
from ingestion.models import Feed, Stream
from ingestion.poll import bar_days, schedule
from ingestion.poll.bar_days import MINUTE, Asked
from ingestion.poll.retrying import retried
from ingestion.poll.watch import Watch
from ingestion.providers import base
from ledger.actions import record_bars

AT_ONCE = 10_000  # rows that are stored together, about
LAG = timedelta(seconds=3)  # after a minute's end, until a provider has its bar
REFUSALS = 3  # contracts of which there is nothing, until the provider has nothing at all


class Came(NamedTuple):
    """What a poll of bars came to; `is_whole` unless time ran out."""

    read: int = 0
    new: int = 0
    misfits: int = 0
    is_whole: bool = True


class _Turn:
    """One turn of a feed: stretches are read one by one and stored together."""

    def __init__(self, feed: Feed, provider: base.PriceSource, watch: Watch) -> None:
        self._feed, self._provider, self._watch = feed, provider, watch
        self.read = self.new = self.misfits = 0
        self._good: list[NewBar] = []
        self._bad: list[base.Misfit] = []
        self._done: list[Asked] = []

    def read_all(self, stretches: Sequence[Asked]) -> bool:
        """Read them in their order; False where time ran out, or the past gives way to fills."""
        today = self._watch.now().date()
        refused: set[int] = set()
        answered = False
        for asked in stretches:
            if self._watch.is_up:
                return False
            if asked.day < today and schedule.history_waits(self._watch.now()):
                return False
            if asked.contract_id in refused:
                continue
            if self._done and (self._done[-1].day != asked.day or self._is_full):
                self.store()
            try:
                good, bad = _read(self._provider, asked)
                answered = True
            except base.Unsupported:  # of this contract; or of all
                refused.add(asked.contract_id)
                if not answered and (len(refused) == REFUSALS or asked is stretches[-1]):
                    self._done = []
                    raise
                good, bad = [], []
            self._good += good
            self._bad += bad
            self._done.append(asked)
        return True

    def store(self) -> None:
        """Store what was read, what did not fit, and how far the days are read, in one deed."""
        if not self._done:
            return
        self.new += retried(self._store_once)
        self.read += len(self._good) + len(self._bad)
        self.misfits += len(self._bad)
        self._good, self._bad, self._done = [], [], []

    @property
    def _is_full(self) -> bool:
        return len(self._good) + len(self._bad) >= AT_ONCE

    @transaction.atomic
    def _store_once(self) -> int:
        stored = record_bars(self._good)
        bar_days.mark(self._feed.connection_id, self._done)
        quarantine(
            self._bad, stream=Stream.BARS, at=self._watch.now(),
            connection_id=self._feed.connection_id,
        )  # fmt: skip
        Feed.objects.filter(pk=self._feed.pk).update(
            rows_read=F("rows_read") + len(self._good) + len(self._bad),
            rows_new=F("rows_new") + stored.new,
        )
        return stored.new


def poll_bars(feed: Feed, provider: base.PriceSource, watch: Watch) -> Came:
    """Bring in the minutes that are wanted and not read yet, as many as the time allows.

    Unsupported where the provider has bars of none of the contracts.
    """
    turn = _Turn(feed, provider, watch)
    try:
        is_whole = turn.read_all(bar_days.wanted(feed.connection, watch.now()))
    finally:  # what came before a failure is kept
        turn.store()
    return Came(turn.read, turn.new, turn.misfits, is_whole)


def next_minute(now: datetime) -> datetime:
    """Return when the bar of the minute that is running may be asked for."""
    return now.replace(second=0, microsecond=0) + MINUTE + LAG


def fault_of(bar: base.Bar) -> str:
    """Say why a bar cannot be kept; "" when it can."""
    try:
        prices = [
            to_scaled(price, PRICE_PLACES) for price in (bar.open, bar.high, bar.low, bar.close)
        ]
    except (ValueError, ArithmeticError) as error:
        return f"a price cannot be kept exactly: {error}"
    if max(prices) != prices[1] or min(prices) != prices[2]:
        return f"low {bar.low} .. high {bar.high} do not hold the open and the close"
    if not 0 <= bar.volume < 2**63:
        return f"volume is {bar.volume}"
    if bar.start_at.second or bar.start_at.microsecond:
        return f"{bar.start_at.isoformat()} does not start a minute"
    return ""


def _read(provider: base.PriceSource, asked: Asked) -> tuple[list[NewBar], list[base.Misfit]]:
    good: list[NewBar] = []
    bad: list[base.Misfit] = []
    for page in _pages(provider, asked.contract, asked.since, asked.until - MINUTE):
        bad += page.misfits
        for bar in page.items:
            reason = fault_of(bar)
            if bar.contract != asked.contract:
                reason = f"asked for {asked.contract}, answered for {bar.contract}"
            elif not asked.since <= bar.start_at < asked.until:
                reason = f"asked from {asked.since.isoformat()} to {asked.until.isoformat()}"
            if reason:
                bad.append(base.Misfit(_raw(bar), reason))
            else:
                prices = (bar.open, bar.high, bar.low, bar.close)
                good.append(NewBar(asked.contract_id, bar.start_at, *prices, bar.volume))
    return good, bad


def _pages(
    provider: base.PriceSource, contract: str, since: datetime, until: datetime
) -> Iterator[base.Page[base.Bar]]:
    cursor: str | None = None
    while True:
        page = provider.list_bars(contract, since, until, cursor)
        yield page
        if page.next_cursor is None:
            return
        cursor = page.next_cursor


def _raw(bar: base.Bar) -> dict[str, str]:
    return {name: str(getattr(bar, name)) for name in base.Bar.__slots__}
