"""One-minute bars of the contracts that are traded."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import NamedTuple

from django.db import transaction

from common.clock import to_ns
from common.fields import PRICE_PLACES, to_scaled
from futures.bars import NewBar
from futures.models import Bar, Contract
from ingestion.actions import quarantine
from ingestion.models import Feed, Stream
from ingestion.poll import schedule
from ingestion.poll.watch import Watch
from ingestion.providers import base
from ledger.actions import record_bars
from ledger.models import Position

MINUTE = timedelta(minutes=1)
OVERLAP = timedelta(minutes=15)
STRETCH = timedelta(days=1)  # read and stored at once


class Came(NamedTuple):
    """What a poll of bars came to; `is_whole` unless time ran out."""

    read: int
    new: int
    misfits: int
    is_whole: bool


def poll_bars(feed: Feed, provider: base.PriceSource, watch: Watch) -> Came:
    """Bring in the minutes since the last bar of each contract that is held or was traded lately.

    The minute that is still running is left for the next poll.
    """
    read = new = misfits = 0
    for contract, since in _wanted(feed, watch.now()):
        until = watch.now().replace(second=0, microsecond=0) - MINUTE
        while since <= until:
            if watch.is_up:
                return Came(read, new, misfits, is_whole=False)
            schedule.renew(feed, watch.now())
            end = min(since + STRETCH, until)
            good, bad = _read(provider, contract, since, end)
            with transaction.atomic():
                stored = record_bars(good)
                quarantine(
                    bad, stream=Stream.BARS, at=watch.now(), connection_id=feed.connection_id
                )
                feed.rows_read += len(good) + len(bad)
                feed.rows_new += stored.new
                feed.save(update_fields=["rows_read", "rows_new"])
            read, new, misfits = read + len(good) + len(bad), new + stored.new, misfits + len(bad)
            since = end + MINUTE
    return Came(read, new, misfits, is_whole=True)


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


def _wanted(feed: Feed, now: datetime) -> list[tuple[Contract, datetime]]:
    """Return contracts, and from when on to read; the one that is furthest behind comes first."""
    days = timedelta(days=feed.connection.bars_days)
    first = datetime.combine((now - days).date(), time(), tzinfo=now.tzinfo)
    # Bars are the same in every environment: one connection may bring them in for all.
    positions = Position.objects.filter(account__platform_id=feed.connection.platform_id)
    lately = positions.filter(last_ns__gte=to_ns(first))
    held = positions.exclude(quantity=0)
    ids = set(lately.values_list("contract", flat=True)) | set(
        held.values_list("contract", flat=True)
    )
    wanted = []
    for contract in Contract.objects.filter(id__in=ids):
        last = (
            Bar.objects.filter(contract=contract)
            .order_by("-start_at")
            .values_list("start_at", flat=True)
            .first()
        )
        wanted.append((contract, max(first, last - OVERLAP) if last else first))
    return sorted(wanted, key=lambda one: (one[1], one[0].pk))


def _read(
    provider: base.PriceSource, contract: Contract, since: datetime, until: datetime
) -> tuple[list[NewBar], list[base.Misfit]]:
    good: list[NewBar] = []
    bad: list[base.Misfit] = []
    for page in _pages(provider, contract.name, since, until):
        bad += page.misfits
        for bar in page.items:
            reason = fault_of(bar)
            if bar.contract != contract.name:
                reason = f"asked for {contract.name}, answered for {bar.contract}"
            if reason:
                bad.append(base.Misfit(_raw(bar), reason))
            else:
                prices = (bar.open, bar.high, bar.low, bar.close)
                good.append(NewBar(contract.pk, bar.start_at, *prices, bar.volume))
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
