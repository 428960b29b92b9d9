"""Files of fills, bars, rates and events into the house; a second run changes nothing."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from django.db import transaction

from common.clock import from_ns
from futures.actions import set_rates
from futures.bars import NewBar
from futures.calendar import store_events
from futures.kinds import NewEvent
from futures.models import Contract, FxRate, Product
from ingestion.actions.fills import Source, store_fills
from ingestion.actions.instruments import UnknownProduct, contract_named, name_instrument
from ingestion.actions.quarantine import quarantine
from ingestion.importers.bars import read_bars, read_fx
from ingestion.importers.calendar import read_events
from ingestion.importers.fills import read_fills
from ingestion.importers.table import BadLine
from ingestion.models import ImportRun, MissingRate, Stream
from ingestion.parse import contract_names
from ingestion.providers.base import Bar, Fill, Misfit
from ledger.actions import record_bars, release_held

T = TypeVar("T")
Progress = Callable[[int], None]
AT_ONCE = 10_000


@dataclass(slots=True)
class Imported:
    """What a file came to; `reasons` counts why rows were rejected or wait, `lines` says where."""

    read: int = 0
    new: int = 0
    duplicate: int = 0
    changed: int = 0
    waiting: int = 0
    rejected: int = 0
    trades: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    lines: dict[str, list[int]] = field(default_factory=dict)

    def reject(self, misfit: Misfit) -> None:
        self.rejected += 1
        self.reasons[misfit.reason] += 1
        if isinstance(misfit, BadLine):
            self.lines.setdefault(misfit.reason, []).append(misfit.line)


def import_fills(
    path: Path,
    source: Source,
    *,
    at: datetime,
    options: dict[str, Any],
    dry_run: bool = False,
    progress: Progress = lambda rows: None,
) -> Imported:
    """Bring a file of fills into the books. Raises FileRefused before anything is stored.

    options  format, timezone, account: see `ingestion.importers.fills.read_fills`
    """
    done = Imported()
    with transaction.atomic():
        for batch in _batches(read_fills(path, **options)):
            good = [row for row in batch if isinstance(row, Fill)]
            bad: list[Misfit] = [row for row in batch if isinstance(row, BadLine)]
            _name_all(source, good, at, done)
            stored = store_fills(source, good, at=at)
            bad += stored.rejected
            _reject(bad, Stream.FILLS, path, at, done)
            done.read += len(batch)
            done.new += stored.new
            done.duplicate += stored.duplicate
            done.waiting += stored.waiting
            done.trades += stored.trades
            progress(done.read)
        _finish(path, Stream.FILLS, at, options, done, dry_run)
    return done


def import_bars(
    path: Path,
    *,
    at: datetime,
    options: dict[str, Any],
    dry_run: bool = False,
    progress: Progress = lambda rows: None,
) -> Imported:
    """Bring a file of one-minute bars in; a bar that is there already with other prices changes.

    options  contract, timezone: see `ingestion.importers.bars.read_bars`
    """
    done = Imported()
    contracts: dict[str, Contract | str] = {}
    with transaction.atomic():
        for batch in _batches(read_bars(path, tick_size=cache(_tick_size), **options)):
            bad: list[Misfit] = [row for row in batch if isinstance(row, BadLine)]
            good: list[NewBar] = []
            for bar in batch:
                if not isinstance(bar, Bar):
                    continue
                if bar.contract not in contracts:
                    contracts[bar.contract] = _contract(bar)
                contract = contracts[bar.contract]
                if isinstance(contract, str):
                    raw = {"contract": bar.contract, "start_at": bar.start_at.isoformat()}
                    bad.append(Misfit(raw, contract))
                else:
                    prices = (bar.open, bar.high, bar.low, bar.close)
                    good.append(NewBar(contract.pk, bar.start_at, *prices, bar.volume))
            stored = record_bars(good)
            _reject(bad, Stream.BARS, path, at, done)
            done.read += len(batch)
            done.new += stored.new
            done.changed += stored.changed
            done.duplicate += stored.same
            progress(done.read)
        _finish(path, Stream.BARS, at, options, done, dry_run)
    return done


def import_fx(
    path: Path, *, at: datetime, carry_weekends: bool = False, dry_run: bool = False
) -> Imported:
    """Bring a file of daily rates in, and price what was held back for them.

    carry_weekends  a Saturday or Sunday without a rate takes the one of the Friday before
    """
    done = Imported()
    with transaction.atomic():
        rows = list(read_fx(path))
        bad: list[Misfit] = [row for row in rows if isinstance(row, BadLine)]
        rates = {
            (row.currency, row.day): row.usd_per_unit
            for row in rows
            if not isinstance(row, BadLine)
        }
        told = len(rates)
        changed = set_rates(((*key, rate) for key, rate in rates.items()), source=path.name)
        if carry_weekends:
            carried = _weekends(rates)
            changed += set_rates(carried, source=f"{path.name}, carried over the weekend")
            told += len(carried)
        done.new = sum(new for _, _, new in changed)
        done.changed = len(changed) - done.new
        done.duplicate = told - len(changed)
        for currency in sorted({currency for currency, _, _ in changed}):
            days = [day for one, day, new in changed if one == currency and not new]
            if days:
                done.trades += release_held(currency=currency, days=days, at=at)
            done.trades += release_held(currency=currency, at=at)
            MissingRate.objects.filter(
                currency=currency, day__in=[day for one, day, _ in changed if one == currency]
            ).delete()
        _reject(bad, Stream.FX, path, at, done)
        done.read = len(rows)
        _finish(path, Stream.FX, at, {"carry_weekends": carry_weekends}, done, dry_run)
    return done


def import_calendar(
    path: Path, *, at: datetime, options: dict[str, Any], dry_run: bool = False
) -> Imported:
    """Bring a file of calendar events in; a later row of an event brings its new figures.

    options  timezone, country, importance: see `ingestion.importers.calendar.read_events`
    """
    done = Imported()
    with transaction.atomic():
        rows = list(read_events(path, **options))
        stored = store_events(
            (row for row in rows if isinstance(row, NewEvent)), source=path.name[:200]
        )
        _reject([row for row in rows if isinstance(row, BadLine)], Stream.CALENDAR, path, at, done)
        done.read = len(rows)
        done.new, done.changed = stored.new, stored.changed
        done.duplicate = done.read - done.rejected - done.new - done.changed
        _finish(path, Stream.CALENDAR, at, options, done, dry_run)
    return done


def _name_all(source: Source, fills: list[Fill], at: datetime, done: Imported) -> None:
    """Find or make the contracts; fills of an unknown product are stored and wait."""
    days: dict[str, date] = {}
    for fill in fills:
        days.setdefault(fill.instrument_id, from_ns(fill.exec_time_ns).date())
    for name, day in days.items():
        if reason := name_instrument(source, name, on=day, at=at):
            done.reasons[reason] += sum(fill.instrument_id == name for fill in fills)


def _reject(bad: list[Misfit], stream: Stream, path: Path, at: datetime, done: Imported) -> None:
    quarantine(bad, stream=stream, at=at, source=path.name)
    for misfit in bad:
        done.reject(misfit)


def _tick_size(name: str) -> Decimal | None:
    """Return the tick of a contract in TT's form, by itself or by its product."""
    told = Contract.objects.filter(name=name).values_list("tick_size", flat=True).first()
    if told is not None:
        return told
    symbol = name.rpartition(" ")[0]
    ticks = list(Product.objects.filter(symbol=symbol).values_list("tick_size", flat=True))
    return ticks[0] if len(ticks) == 1 else None


def _contract(bar: Bar) -> Contract | str:
    try:
        return contract_named(bar.contract, on=bar.start_at.date())
    except (contract_names.UnknownName, UnknownProduct) as reason:
        return str(reason)


def _weekends(rates: dict[tuple[str, date], Decimal]) -> list[tuple[str, date, Decimal]]:
    carried = [
        (currency, day + timedelta(days=ahead), rate)
        for (currency, day), rate in rates.items()
        if day.weekday() == 4
        for ahead in (1, 2)
        if (currency, day + timedelta(days=ahead)) not in rates
    ]
    if not carried:
        return []
    stored = {
        (currency, day): source
        for currency, day, source in FxRate.objects.filter(
            day__gte=min(day for _, day, _ in carried), day__lte=max(day for _, day, _ in carried)
        ).values_list("currency", "day", "source")
    }
    # A rate that somebody told for that very day is better than a carried one.
    return [row for row in carried if "carried" in stored.get((row[0], row[1]), "carried")]


def _finish(
    path: Path, stream: Stream, at: datetime, options: dict[str, Any], done: Imported, dry_run: bool
) -> None:
    if dry_run:
        transaction.set_rollback(True)
        return
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    ImportRun.objects.create(
        stream=stream, file=path.name, sha256=digest, ran_at=at,
        options={key: value for key, value in options.items() if value},
        rows_read=done.read, rows_new=done.new, rows_duplicate=done.duplicate,
        rows_rejected=done.rejected, rows_waiting=done.waiting,
    )  # fmt: skip


def _batches(rows: Iterable[T]) -> Iterator[list[T]]:
    source = iter(rows)
    while batch := list(islice(source, AT_ONCE)):
        yield batch
