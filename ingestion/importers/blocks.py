"""A long file, CSV or Parquet, as blocks of lines: column by column, as text, never all at once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from common.fields import PRICE_PLACES
from ingestion.importers.table import BadLine, FileRefused, Line, Text, line_of, spelled, unread

AT_ONCE = 50_000

_ODD = r'["\x00]|^[\s,;]*$'  # what `line_of` knows better: quotation, NUL, nothing at all
_PLAIN = (
    pa.types.is_string, pa.types.is_large_string, pa.types.is_null, pa.types.is_integer,
    pa.types.is_floating, pa.types.is_decimal, pa.types.is_timestamp, pa.types.is_date,
    pa.types.is_time,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that follow each other.

    numbers  of each line in its file: the header is line 1, so is the first row in Parquet
    cells    header -> text of each line, trimmed; "" = blank
    bad      lines that are no row of the table
    """

    numbers: list[int]
    cells: Mapping[str, pa.Array]
    bad: list[BadLine]


class Blocks(Protocol):
    """An open file: its headers in one spelling, and the columns that are asked for."""

    headers: Collection[str]

    def read(self, wanted: Collection[str]) -> Iterator[Block]: ...


@contextmanager
def opened(source: Path | str) -> Iterator[Blocks]:
    """Open a file of CSV, CSV in .gz or Parquet (.parquet, .pq). Raises FileRefused."""
    path = Path(source) if isinstance(source, Path) or "\n" not in source else None
    if path is None or path.suffix.lower() not in (".parquet", ".pq"):
        with unread(source) as text:
            yield _Csv(text)
        return
    try:
        with pq.ParquetFile(path) as file:
            yield _Parquet(file)
    except pa.ArrowInvalid as error:
        raise FileRefused(f"{path.name} is no Parquet, or breaks off: {error}") from None
    except OSError as error:
        raise FileRefused(f"{path.name} cannot be opened: {error.strerror or error}") from None


class _Csv:
    def __init__(self, text: Text) -> None:
        self.headers: Collection[str] = [header for header in text.headers if header.strip("_")]
        self._text = text

    def read(self, wanted: Collection[str]) -> Iterator[Block]:
        width, first = len(self._text.headers), 2
        while lines := list(islice(self._text.lines, AT_ONCE)):
            told = pc.utf8_rtrim(pa.array(lines, pa.string()), "\r\n")
            rows = pc.split_pattern(told, self._text.delimiter)
            fits = pc.equal(pc.list_value_length(rows), width)
            if pc.all(fits).as_py() and not pc.any(pc.match_substring_regex(told, _ODD)).as_py():
                values = rows.flatten()
                cells = {
                    header: _text(values.take(np.arange(place, len(values), width)))
                    for header, place in self._places(wanted)
                }
                yield Block(list(range(first, first + len(lines))), cells, [])
            else:
                yield self._one_by_one(lines, first, wanted)
            first += len(lines)

    def _one_by_one(self, lines: list[str], first: int, wanted: Collection[str]) -> Block:
        good: list[Line] = []
        bad: list[BadLine] = []
        for number, told in enumerate(lines, start=first):
            line = line_of(told, number, self._text)
            if isinstance(line, BadLine):
                bad.append(line)
            elif line is not None:
                good.append(line)
        cells = {
            header: _text(pa.array([line.get(header) for line in good], pa.string()))
            for header in wanted
        }
        return Block([line.number for line in good], cells, bad)

    def _places(self, wanted: Collection[str]) -> Iterator[tuple[str, int]]:
        return ((header, self._text.headers.index(header)) for header in wanted)


class _Parquet:
    def __init__(self, file: pq.ParquetFile) -> None:
        self._file = file
        names = file.schema_arrow.names
        self._names = {spelled(name): name for name in reversed(names)}
        self.headers: Collection[str] = list(self._names)

    def read(self, wanted: Collection[str]) -> Iterator[Block]:
        names = {header: self._names[header] for header in wanted}
        numbers = count(1)
        for batch in self._file.iter_batches(AT_ONCE, columns=list(names.values())):
            cells = {header: _told(batch.column(name), name) for header, name in names.items()}
            yield Block(list(islice(numbers, batch.num_rows)), cells, [])


def _told(column: Any, name: str) -> pa.Array:
    """Return a column of any plain type as CSV would tell it; floats by their shortest decimals."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        column, kind = column.dictionary_decode(), kind.value_type
    if not any(fits(kind) for fits in _PLAIN):
        raise FileRefused(f"the column {name} is of a type that cannot be read: {kind}")
    try:
        if pa.types.is_timestamp(kind) and kind.tz:
            column = column.cast(pa.timestamp(kind.unit, "UTC"))
        text = column.cast(pa.string())
    except pa.ArrowException as error:
        raise FileRefused(f"the column {name} ({kind}) cannot be read: {error}") from None
    if pa.types.is_decimal(kind) and kind.scale > PRICE_PLACES:
        text = pc.replace_substring_regex(text, r"(\.\d{9})0+$", r"\1")
    return _text(text)


def _text(column: pa.Array) -> pa.Array:
    return pc.utf8_trim_whitespace(pc.fill_null(column, ""))
