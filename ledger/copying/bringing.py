"""A copy into the books of development: all of it, or nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from common import locks
from ledger.actions import lock_accounts
from ledger.copying.booking import Booked, book
from ledger.copying.file import Copy, CopyRefused, Manifest, blocks
from ledger.copying.market import keep_market
from ledger.copying.places import keep_places, number_apart, refuse_clashes
from ledger.copying.tables import ACCOUNTS, TABLES, Table


@dataclass(frozen=True, slots=True)
class Brought:
    """What a copy did to the books; `notes` says what it left alone."""

    manifest: Manifest
    booked: Booked
    notes: list[str]


def bring_in(
    path: Path,
    *,
    at: datetime,
    dry_run: bool = False,
    tell: Callable[[str], None] = lambda _: None,
) -> Brought:
    """Make the copied trades of this database what the copy says; a second run changes nothing.

    One transaction. CopyRefused in production, at a file that is not whole, and where other rows
    stand in the way.
    """
    if settings.PRODUCTION:
        raise CopyRefused("This is production: copies come out of it, and never in")
    with Copy(path) as copy, transaction.atomic():
        tell("The copy is whole")
        locks.hold("copy of trades")
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 0")
        for table in TABLES:
            _stage(copy, table)
        tell(f"{copy.manifest.tables['trades'].rows:,} trades are read")
        refuse_clashes()
        keep_places(at=at)
        notes = keep_market()
        lock_accounts(_accounts())
        refuse_clashes()  # fills that came in until the accounts were held
        booked = book(since=copy.manifest.since, at=at)
        if dry_run:
            transaction.set_rollback(True)
        else:
            number_apart()
        return Brought(copy.manifest, booked, notes)


def _stage(copy: Copy, table: Table) -> None:
    part = copy.manifest.tables[table.name]
    if part.columns != table.columns:
        raise CopyRefused(f"The {table.name} of the copy have other columns than are known here")
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {table.staged}")
        cursor.execute(
            f"CREATE TEMPORARY TABLE {table.staged} ON COMMIT DROP AS {table.like} WITH NO DATA"
        )
        with (
            cursor.copy(f"COPY {table.staged} FROM STDIN (FORMAT csv, HEADER)") as lines,
            copy.open(table) as stream,
        ):
            for block in blocks(stream):
                lines.write(block)
        cursor.execute(f"ANALYZE {table.staged}")


def _accounts() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id FROM {ACCOUNTS.staged}")  # noqa: S608  a constant name
        return [pk for (pk,) in cursor.fetchall()]
