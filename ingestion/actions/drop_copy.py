"""A second, independent feed of fills by file: kept beside the books, to compare volumes with."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from common.clock import from_ns
from ingestion.actions.files import Imported, Progress, batches, finish, reject
from ingestion.actions.fills import Source, fault_of, known_accounts
from ingestion.actions.instruments import UnknownProduct, contract_named
from ingestion.importers.fills import read_fills
from ingestion.importers.table import BadLine
from ingestion.models import Stream
from ingestion.parse import contract_names
from ingestion.providers.base import Fill, Kind, Misfit
from ledger.reconciliation import NewSecond, record_second_fills


def import_drop_copy(
    path: Path,
    source: Source,
    *,
    at: datetime,
    options: dict[str, Any],
    dry_run: bool = False,
    progress: Progress = lambda rows: None,
) -> Imported:
    """Keep a file of the second feed; the days that it covers are due to be compared.

    It opens no account and teaches no instrument: what the house does not know is rejected. Echoes,
    spread summaries and options count in no position, so they are left out as known already.
    Raises FileRefused before anything is stored.

    options  as for `import_fills`
    """
    done = Imported()
    contracts: dict[str, int | str] = {}
    with transaction.atomic():
        for batch in batches(read_fills(path, **options)):
            bad: list[Misfit] = [row for row in batch if isinstance(row, BadLine)]
            fills = [row for row in batch if isinstance(row, Fill)]
            accounts = known_accounts(source, {fill.account_id for fill in fills})
            good: list[NewSecond] = []
            kept: list[Fill] = []
            for fill in fills:
                if fill.synthetic or fill.kind is Kind.SPREAD:
                    done.duplicate += 1
                    continue
                told = _second(fill, accounts, contracts)
                if isinstance(told, str):
                    bad.append(Misfit(fill.raw, told))
                else:
                    good.append(told)
                    kept.append(fill)
            new, contradicting = record_second_fills(good, source=path.name[:200], at=at)
            bad += [
                Misfit(kept[place].raw, f"contradicts the kept execution {kept[place].exec_id}")
                for place in contradicting
            ]
            reject(bad, Stream.DROP_COPY, path, at, done)
            done.read += len(batch)
            done.new += new
            done.duplicate += len(good) - new - len(contradicting)
            progress(done.read)
        finish(path, Stream.DROP_COPY, at, options, done, dry_run)
    return done


def _second(
    fill: Fill, accounts: dict[str, int], contracts: dict[str, int | str]
) -> NewSecond | str:
    """Return what is kept of a row, or why nothing is."""
    if reason := fault_of(fill):
        return reason
    account = accounts.get(fill.account_id)
    if account is None:
        return f"no account {fill.account_id} is known there: see --platform and --environment"
    day = from_ns(fill.exec_time_ns).date()
    if fill.instrument_id not in contracts:
        try:
            contracts[fill.instrument_id] = contract_named(fill.instrument_id, on=day).pk
        except (contract_names.UnknownName, UnknownProduct) as unknown:
            contracts[fill.instrument_id] = str(unknown)
    contract = contracts[fill.instrument_id]
    if isinstance(contract, str):
        return contract
    return NewSecond(account, fill.exec_id, contract, day, fill.side, fill.quantity)
