"""Files of fills, bars, rates and events into the house; a second run changes nothing."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from django.db import transaction

from common.clock import from_ns, to_ns
from common.fields import PRICE_PLACES, to_scaled
from futures.calendar import store_events
from futures.kinds import NewEvent
from futures.models import FxRate
from ingestion.actions.fills import Source, store_fills
from ingestion.actions.instruments import UnknownProduct, contract_named, name_instrument
from ingestion.actions.quarantine import quarantine
from ingestion.importers.bars import Listed, read_bars
from ingestion.importers.calendar import read_events
from ingestion.importers.fills import read_fills
from ingestion.importers.rates import read_fx
from ingestion.importers.table import BadLine, FileRefused
from ingestion.models import ImportRun, MissingRate, Stream
from ingestion.parse import contract_names
from ingestion.providers.base import Fill, Misfit
from ledger.actions import record_bars, record_rates, release_held

T = TypeVar("T")
Progress = Callable[[int], None]
AT_ONCE = 10_000
MOST_KEPT = 1_000  # rejected rows of one reason; all are counted
MOST_LINES = 100
NS_PER_MINUTE = 60_000_000_000
LONGEST_LISTED = timedelta(days=15 * 365)
LATEST_EXPIRY = timedelta(days=62)  # a month of grace


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
        lines = self.lines.setdefault(misfit.reason, [])
        if isinstance(misfit, BadLine) and len(lines) < MOST_LINES:
            lines.append(misfit.line)


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
        for batch in batches(read_fills(path, **options)):
            good = [row for row in batch if isinstance(row, Fill)]
            bad: list[Misfit] = [row for row in batch if isinstance(row, BadLine)]
            _name_all(source, good, at, done)
            stored = store_fills(source, good, at=at)
            bad += stored.rejected
            reject(bad, Stream.FILLS, path, at, done)
            done.read += len(batch)
            done.new += stored.new
            done.duplicate += stored.duplicate
            done.waiting += stored.waiting
            done.trades += stored.trades
            progress(done.read)
        finish(path, Stream.FILLS, at, options, done, dry_run)
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

    Each block of lines is a transaction, so that a long file keeps no poll waiting. A file that
    breaks off leaves the blocks before in place; once it is mended, it is brought in again whole.
    A dry run is one transaction, taken back. Raises FileRefused, saying what is stored by then.

    options  contract, timezone, stamp, prices, mapping: see `ingestion.importers.bars.read_bars`
    """
    done = Imported()
    with transaction.atomic() if dry_run else nullcontext():
        try:
            for batch in read_bars(path, listing=_listed, until=at, **options):
                with transaction.atomic():
                    stored = record_bars(batch.bars)
                    reject(batch.bad, Stream.BARS, path, at, done)
                done.read += batch.read
                done.new += stored.new
                done.changed += stored.changed
                done.duplicate += stored.same
                progress(done.read)
        except FileRefused as reason:
            if not done.read or dry_run:
                raise
            finish(path, Stream.BARS, at, {**options, "broke_off": str(reason)}, done, dry_run)
            raise FileRefused(
                f"{reason}. The {done.read} rows before that are stored; bring the file in again "
                "once it is mended"
            ) from None
        finish(path, Stream.BARS, at, options, done, dry_run)
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
        changed = record_rates(((*key, rate) for key, rate in rates.items()), source=path.name)
        if carry_weekends:
            carried = _weekends(rates)
            changed += record_rates(carried, source=f"{path.name}, carried over the weekend")
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
        reject(bad, Stream.FX, path, at, done)
        done.read = len(rows)
        finish(path, Stream.FX, at, {"carry_weekends": carry_weekends}, done, dry_run)
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
        reject([row for row in rows if isinstance(row, BadLine)], Stream.CALENDAR, path, at, done)
        done.read = len(rows)
        done.new, done.changed = stored.new, stored.changed
        done.duplicate = done.read - done.rejected - done.new - done.changed
        finish(path, Stream.CALENDAR, at, options, done, dry_run)
    return done


def _name_all(source: Source, fills: list[Fill], at: datetime, done: Imported) -> None:
    """Find or make the contracts; fills of an unknown product are stored and wait."""
    days: dict[str, date] = {}
    for fill in fills:
        days.setdefault(fill.instrument_id, from_ns(fill.exec_time_ns).date())
    for name, day in days.items():
        if reason := name_instrument(source, name, on=day, at=at):
            done.reasons[reason] += sum(fill.instrument_id == name for fill in fills)


def reject(bad: Iterable[Misfit], stream: Stream, path: Path, at: datetime, done: Imported) -> None:
    kept = []
    for misfit in bad:
        done.reject(misfit)
        if done.reasons[misfit.reason] <= MOST_KEPT:
            kept.append(misfit)
    quarantine(kept, stream=stream, at=at, source=path.name)


def _listed(name: str, on: date) -> Listed | str:
    """Return the contract of bars; none starts long before or after its month."""
    try:
        contract = contract_named(name, on=on)
    except (contract_names.UnknownName, UnknownProduct) as reason:
        return str(reason)
    month = contract.expiry_month
    first, after = (
        to_ns(datetime.combine(day.replace(day=1), time(), UTC)) // NS_PER_MINUTE
        for day in (month - LONGEST_LISTED, month + LATEST_EXPIRY)
    )
    return Listed(contract.pk, to_scaled(contract.tick_size, PRICE_PLACES), first, after)


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


def finish(
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


def batches(rows: Iterable[T]) -> Iterator[list[T]]:
    source = iter(rows)
    while batch := list(islice(source, AT_ONCE)):
        yield batch
