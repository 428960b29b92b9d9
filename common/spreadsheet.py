"""Lines of CSV, and text that no spreadsheet takes for a formula."""

from __future__ import annotations

import csv
from collections.abc import Sequence

# Spreadsheets take what begins so for a formula; full-width signs too.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001
BOM = "\ufeff"  # without it Excel takes UTF-8 for the code page of the machine


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
