"""The file of a copy: a zip of one CSV per table, and of a manifest that proves them whole."""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import IO, Any

from ledger.copying.tables import SCHEMA, TABLES, Table

MANIFEST = "manifest.json"
BLOCK = 1 << 20  # bytes
_NAME = re.compile(r"trades-\d{8}T\d{6}Z\.zip")


class CopyRefused(ValueError):
    """A copy that cannot come in; each line says what is in the way, and how to mend it."""


@dataclass(frozen=True, slots=True)
class Part:
    """What the manifest says of one table."""

    rows: int
    columns: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a copy holds.

    groups  of which it was asked for; None = of all
    since   trades that closed on or after this UTC day; None = all
    """

    schema: int
    taken_at: datetime
    masked: bool
    groups: list[int] | None
    since: date | None
    tables: dict[str, Part]

    def text(self) -> str:
        return json.dumps(asdict(self), indent=1, default=lambda value: value.isoformat())


def name_of(at: datetime) -> str:
    """Return the name of the copy of this moment; names sort as moments do."""
    return f"trades-{at.astimezone(UTC):%Y%m%dT%H%M%SZ}.zip"


def newest(place: Path) -> Path:
    """Return a file as it is, and of a folder its newest copy."""
    if place.is_file():
        return place
    found = _copies(place)
    if not found:
        raise CopyRefused(f"{place} holds no copy: export_trades --to {place} writes one")
    return found[-1]


def prune(folder: Path, keep: int) -> int:
    """Remove all copies of a folder but the newest; return how many."""
    old = _copies(folder)[:-keep]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _copies(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if _NAME.fullmatch(path.name))


class Copy:
    """A copy that is open for reading, and whole: every table was compared with its digest."""

    def __init__(self, path: Path) -> None:
        try:
            self._zip = zipfile.ZipFile(path)
            self.manifest = _read(json.loads(self._zip.read(MANIFEST)))
            self._verify()
        except (OSError, EOFError, KeyError, TypeError, ValueError, zipfile.BadZipFile) as error:
            if isinstance(error, CopyRefused):
                raise
            raise CopyRefused(
                f"{path} is no copy, or not a whole one ({type(error).__name__}): export it anew"
            ) from error

    def __enter__(self) -> Copy:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def open(self, table: Table) -> IO[bytes]:
        return self._zip.open(_member(table))

    def _verify(self) -> None:
        for table in TABLES:
            digest = hashlib.sha256()
            with self.open(table) as stream:
                for block in blocks(stream):
                    digest.update(block)
            if digest.hexdigest() != self.manifest.tables[table.name].sha256:
                raise CopyRefused(f"The {table.name} of the copy were changed: export it anew")


def blocks(stream: IO[bytes]) -> Iterator[bytes]:
    while block := stream.read(BLOCK):
        yield block


def _member(table: Table) -> str:
    return f"{table.name}.csv"


def _read(told: Any) -> Manifest:
    if told["schema"] != SCHEMA:
        raise CopyRefused(
            f"The copy has form {told['schema']}, here form {SCHEMA} is known: "
            "bring both sides to the same release"
        )
    return Manifest(
        schema=told["schema"],
        taken_at=datetime.fromisoformat(told["taken_at"]),
        masked=told["masked"],
        groups=told["groups"],
        since=None if told["since"] is None else date.fromisoformat(told["since"]),
        tables={name: Part(**part) for name, part in told["tables"].items()},
    )
