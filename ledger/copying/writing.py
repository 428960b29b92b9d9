"""A copy out of the books: all tables as they were at one moment, streamed into a file."""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from ledger.copying.file import MANIFEST, Manifest, Part, name_of
from ledger.copying.tables import SCHEMA, TABLES, Table
from traders.models import Group

TELL_EVERY = 100_000  # rows


@dataclass(frozen=True, slots=True)
class Written:
    path: Path
    manifest: Manifest

    @property
    def rows(self) -> dict[str, int]:
        return {name: part.rows for name, part in self.manifest.tables.items()}


def write_copy(
    folder: Path,
    *,
    at: datetime,
    masked: bool,
    groups: Collection[str] | None = None,
    since: date | None = None,
    tell: Callable[[int], None] = lambda _: None,
) -> Written:
    """Write a copy of the trades of some groups, or of all, into a folder.

    One snapshot of the database, by COPY: memory does not grow with the books. The file appears
    under its name when it is whole. Inside a transaction of the caller's its snapshot is theirs.
    ValueError at the name of a group that is not there.

    masked  groups, traders and accounts get names made of their ids, the same in every copy
    tell    how many rows are written, now and then
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name_of(at)
    partial = path.with_suffix(f".{os.getpid()}.partial")
    partial.touch(mode=0o600)  # everybody's results
    own = not connection.in_atomic_block
    try:
        with transaction.atomic(), zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as archive:
            _one_snapshot(own)
            ids = None if groups is None else _ids(groups)
            asked = {"groups": ids, "since": since, "masked": masked}
            parts: dict[str, Part] = {}
            for table in TABLES:
                before = sum(part.rows for part in parts.values())
                parts[table.name] = _write(archive, table, asked, before, tell)
            manifest = Manifest(SCHEMA, at, masked, ids, since, parts)
            archive.writestr(MANIFEST, manifest.text())
        _settle(partial, path)
    finally:
        partial.unlink(missing_ok=True)
    return Written(path, manifest)


def _one_snapshot(own: bool) -> None:
    with connection.cursor() as cursor:
        if own:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SET LOCAL statement_timeout = 0")


def _ids(names: Collection[str]) -> list[int]:
    known = dict(Group.objects.filter(name__in=names).values_list("name", "id"))
    if unknown := sorted(set(names) - set(known)):
        raise ValueError(f"There is no group {unknown[0]}")
    return sorted(known.values())


def _write(
    archive: zipfile.ZipFile,
    table: Table,
    asked: dict[str, Any],
    before: int,
    tell: Callable[[int], None],
) -> Part:
    digest, rows = hashlib.sha256(), -1  # the header is none
    with (
        connection.cursor() as cursor,
        archive.open(f"{table.name}.csv", "w", force_zip64=True) as stream,
        cursor.copy(f"COPY ({table.source}) TO STDOUT (FORMAT csv, HEADER)", asked) as copy,
    ):
        for line in copy:  # PostgreSQL sends a row at a time
            digest.update(line)
            stream.write(line)
            rows += 1
            if rows and not (before + rows) % TELL_EVERY:
                tell(before + rows)
    return Part(rows, table.columns, digest.hexdigest())


def _settle(partial: Path, path: Path) -> None:
    """Give a file its name once it is on the disk."""
    with partial.open("rb") as file:
        os.fsync(file.fileno())
    partial.replace(path)
