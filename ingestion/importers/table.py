"""A CSV file as lines with numbers and headers in one spelling."""

from __future__ import annotations

import csv
import gzip
import io
import re
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from ingestion.parse import foreign
from ingestion.providers.base import Misfit


class FileRefused(ValueError):
    """The file as a whole cannot be read; the sentence says how to mend it."""


@dataclass(frozen=True, slots=True)
class BadLine(Misfit):
    """A line that cannot be used, with its number in the file (the header is line 1)."""

    line: int


@dataclass(frozen=True, slots=True)
class Line:
    """One data line: its number and its cells by header, blanks left out."""

    number: int
    cells: Mapping[str, str]

    def get(self, *headers: str) -> str | None:
        """Return the first of these cells that is not blank."""
        for header in headers:
            if header in self.cells:
                return self.cells[header]
        return None

    def need(self, *headers: str) -> str:
        """Return `get`, or raise Unusable."""
        if (cell := self.get(*headers)) is None:
            raise foreign.Unusable(f"{headers[0]} is missing")
        return cell

    def refused(self, reason: str) -> BadLine:
        return BadLine(foreign.raw_row(dict(self.cells)), reason, self.number)


@dataclass(frozen=True, slots=True)
class Table:
    """The headers of a file and its lines, read as they are asked for."""

    headers: frozenset[str]
    lines: Iterator[Line | BadLine]


def spelled(header: str) -> str:
    """Return a header in one spelling: "Date (UTC)" is "dateutc", "B/S" is "bs".

    A leading underscore stays: Tradovate's "_price" and "Price" are two columns.
    """
    text = header.strip().lower()
    return ("_" if text.startswith("_") else "") + re.sub(r"[^a-z0-9]", "", text)


@dataclass(frozen=True, slots=True)
class Text:
    """A CSV file after its header: its headers in one spelling, and the lines still to read."""

    headers: list[str]
    delimiter: str
    lines: IO[str]


@contextmanager
def opened(source: Path | str) -> Iterator[Table]:
    """Open a CSV file (.gz too) or, for a text with a line break, that text.

    Commas, semicolons or tabs, whichever the header has most of. Undecodable bytes show as U+FFFD.
    Raises FileRefused where there is no file or no header.
    """
    with unread(source) as text:
        yield Table(frozenset(text.headers) - {"", "_"}, _lines(text))


@contextmanager
def unread(source: Path | str) -> Iterator[Text]:
    """Open like `opened`, for those who cut the lines themselves."""
    with _stream(source) as stream:
        first = stream.readline()
        if not first.strip():
            raise FileRefused("the file is empty: its first line must name the columns")
        delimiter = max(",;\t", key=first.count)
        try:
            cells = next(csv.reader([first], delimiter=delimiter))
        except csv.Error as error:
            raise FileRefused(f"the header is not CSV: {error}") from None
        yield Text([spelled(cell) for cell in cells], delimiter, stream)


@contextmanager
def _stream(source: Path | str) -> Iterator[IO[str]]:
    if isinstance(source, str) and ("\n" in source or "\r" in source):
        yield io.StringIO(source.removeprefix("\ufeff"), newline="")
        return
    path = Path(source)
    try:
        with path.open("rb") as file:
            raw = gzip.GzipFile(fileobj=file) if path.suffix == ".gz" else file
            yield io.TextIOWrapper(raw, encoding="utf-8-sig", errors="replace", newline="")
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise FileRefused(f"{path.name} breaks off or is no .gz file") from None
    except OSError as error:
        raise FileRefused(f"{path.name} cannot be opened: {error.strerror}") from None


def _lines(text: Text) -> Iterator[Line | BadLine]:
    for number, told in enumerate(text.lines, start=2):
        if (line := line_of(told, number, text)) is not None:
            yield line


def line_of(told: str, number: int, text: Text) -> Line | BadLine | None:
    """Return a line of the file; None where it is blank.

    By itself: a quotation mark that is not closed spoils its own line and no other.
    """
    try:
        row = next(csv.reader([told.rstrip("\r\n")], delimiter=text.delimiter, strict=True), [])
    except csv.Error as error:
        return BadLine(foreign.raw_row(told), f"not CSV: {error}", number)
    return _line(number, text.headers, row) if any(cell.strip() for cell in row) else None


def _line(number: int, headers: list[str], row: list[str]) -> Line | BadLine:
    cells: dict[str, str] = {}
    for header, cell in zip(headers, row, strict=False):
        if header not in cells and cell.strip():
            cells[header] = cell.strip()
    line = Line(number, cells)
    # Also a blank too many: a decimal comma shifts all that follows it.
    if len(row) != len(headers):
        return line.refused(f"the line has {len(row)} cells, the header {len(headers)}")
    if any("\x00" in cell for cell in row):
        return line.refused("the line holds a NUL")
    return line
