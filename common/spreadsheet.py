"""Tables as files for spreadsheets: CSV line by line, Excel by way of a file on the disk.

Neither holds more than a few rows in memory, and no text in them is taken for a formula.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from enum import Enum
from io import BytesIO
from itertools import islice
from tempfile import TemporaryFile
from typing import IO, Any
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import to_excel

from common.api.errors import Refusal
from common.api.fields import CENT, to_cents

# Spreadsheets take what begins so for a formula; full-width signs too.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001
BOM = "\ufeff"  # without it Excel takes UTF-8 for the code page of the machine
LINES_AT_ONCE = 100  # a line may have 200 KB
MOST_ROWS = 1_048_576  # of an Excel sheet, the header included
MOST_UNITS = 32_767  # of UTF-16, in an Excel cell
_SHEET = "xl/worksheets/sheet1.xml"
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # in XML


class TooManyRows(Refusal):
    message = f"Excel holds {MOST_ROWS - 1:,} rows: choose fewer, or format=csv"
    code = "too_many_rows"


class Kind(Enum):
    """What a column holds, with its number format in Excel."""

    TEXT = "@"
    NUMBER = "General"  # whole numbers, and Decimals as exact as they are
    MONEY = "0.00"  # Decimals, told in two decimals
    DAY = "yyyy-mm-dd"
    INSTANT = "yyyy-mm-dd hh:mm:ss"  # of UTC


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    cells  of Excel that its texts may need side by side; what goes beyond is cut
    """

    name: str
    kind: Kind = Kind.TEXT
    cells: int = 1


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of plain values, as long as the columns; None is an empty cell. Read once.

    count  tells how many rows there are
    """

    columns: Sequence[Column]
    rows: Iterable[Sequence[Any]]
    count: Callable[[], int]


class _Line:
    """What csv writes into: it hands each line back."""

    def write(self, line: str) -> str:
        return line


_WRITER = csv.writer(_Line())


def line(cells: Sequence[object]) -> str:
    """Return the cells as one line of CSV, its end included."""
    told: str = _WRITER.writerow(cells)
    return told


def harmless(text: str) -> str:
    """Return text for a cell of a CSV file; what could be run begins with an apostrophe."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def as_csv(table: Table) -> Iterator[bytes]:
    """Yield a table as CSV in UTF-8, header first, several lines at a time.

    The first of them is read before this returns, so that what fails at once fails here.
    """
    lines = _lines(table)
    chunks = iter(lambda: "".join(islice(lines, LINES_AT_ONCE)).encode(), b"")
    return _begun(next(chunks), chunks)


def as_excel(table: Table, *, title: str) -> IO[bytes]:
    """Return a table as an Excel file that is gone once it is closed.

    TooManyRows, before one is read, where a sheet does not hold them.
    """
    if table.count() >= MOST_ROWS:
        raise TooManyRows
    head, tail, parts, styles = _empty(table.columns, title)
    file = TemporaryFile()  # noqa: SIM115 - whoever sends it closes it
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
        with archive.open(_SHEET, "w", force_zip64=True) as sheet:
            sheet.write(head)
            for line in _sheet_rows(table, styles):
                sheet.write(line.encode())
            sheet.write(tail)
    file.seek(0)
    return file


def _empty(
    columns: Sequence[Column], title: str
) -> tuple[bytes, bytes, dict[str, bytes], dict[Kind, int]]:
    """Return an Excel file without rows: its sheet before and after them, its other parts, and the
    number of each kind's style.

    openpyxl makes it, so that it is whole; rows it would write eight times slower than we do.
    """
    book = Workbook()
    sheet: Any = book.active
    sheet.title, sheet.freeze_panes = title, "A2"
    sheet.append([name for column in columns for name in _names(column)])
    styles = {}
    for number, kind in enumerate(Kind, 1):
        cell: Any = sheet.cell(2, number, 0)
        cell.number_format = kind.value
        cell.quotePrefix = kind is Kind.TEXT  # and it stays text when somebody edits it
        styles[kind] = cell.style_id
    file = BytesIO()
    book.save(file)
    with ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    whole = re.sub(rb"<dimension [^>]*>", b"", parts.pop(_SHEET))
    head, tail = whole[: whole.index(b'<row r="2"')], whole[whole.index(b"</sheetData>") :]
    return head, tail, parts, styles


def _sheet_rows(table: Table, styles: Mapping[Kind, int]) -> Iterator[str]:
    places = [(column, styles[column.kind]) for column in table.columns]
    letters = [get_column_letter(n + 1) for n in range(sum(c.cells for c in table.columns))]
    for number, values in enumerate(table.rows, 2):
        told = (
            _cell(style, one)
            for (column, style), value in zip(places, values, strict=True)
            for one in _typed(column, value)
        )
        cells = (
            f'<c r="{letter}{number}"{cell}'
            for letter, cell in zip(letters, told, strict=True)
            if cell
        )
        yield f'<row r="{number}">{"".join(cells)}</row>'


def _cell(style: int, value: Any) -> str:
    """Return what follows the place of a cell in the sheet; "" for an empty one."""
    if value is None:
        return ""
    if isinstance(value, str):
        text = escape(value)
        return f' s="{style}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
    if isinstance(value, date):
        value = to_excel(value)  # type: ignore[no-untyped-call]
    return f' s="{style}"><v>{value}</v></c>'


def _lines(table: Table) -> Iterator[str]:
    yield BOM + line([column.name for column in table.columns])
    kinds = [column.kind for column in table.columns]
    for values in table.rows:
        yield line([_word(kind, value) for kind, value in zip(kinds, values, strict=True)])


def _begun(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _word(kind: Kind, value: Any) -> str:
    """Return a value as CSV has it."""
    if value is None:
        return ""
    if kind is Kind.MONEY:
        return str(value.quantize(CENT, ROUND_HALF_EVEN) + 0)  # + 0: no negative zero
    if kind is Kind.INSTANT:
        return f"{value.astimezone(UTC).replace(tzinfo=None).isoformat()}Z"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return harmless(value) if kind is Kind.TEXT else str(value)


def _names(column: Column) -> Iterator[str]:
    yield column.name
    for number in range(2, column.cells + 1):
        yield f"{column.name}_{number}"


def _typed(column: Column, value: Any) -> Iterator[Any]:
    """Yield a value as Excel takes it, for each cell of its column."""
    if column.kind is Kind.TEXT:
        rest = _UNWRITABLE.sub("", value or "")
        for number in range(column.cells):
            part, rest = _cut(rest)
            is_last = number == column.cells - 1
            yield (f"{part[:-1]}…" if is_last and rest else part) or None
    elif isinstance(value, datetime):
        yield value.astimezone(UTC).replace(tzinfo=None)
    elif isinstance(value, Decimal):
        yield to_cents(value) if column.kind is Kind.MONEY else float(value)
    else:
        yield value


def _cut(text: str) -> tuple[str, str]:
    """Return what one cell of Excel holds, and what is left."""
    if 2 * len(text) <= MOST_UNITS:
        return text, ""
    end, units = 0, 0
    while end < len(text) and (units := units + 1 + (text[end] > "\uffff")) <= MOST_UNITS:
        end += 1
    return text[:end], text[end:]
