"""Contract names: every common form -> TT's form, "ES Mar26"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MONTH_CODES = "FGHJKMNQUVXZ"

_ROOT = r"(?P<root>[A-Z0-9][A-Z0-9.]{0,9})"
_YEAR = r"(?P<year>\d{4}|\d{1,2})"
_WORD = re.compile(rf"{_ROOT}[ ]+(?P<word>[A-Za-z]{{3}})[ -]?{_YEAR}", re.ASCII)
_CODE = re.compile(rf"{_ROOT}[ ]?(?P<code>[{MONTH_CODES}]){_YEAR}", re.ASCII)
_DIGITS = re.compile(rf"{_ROOT}[ ]+(?P<digits>\d{{2}})-{_YEAR}", re.ASCII)
_OPTION = re.compile(r"(?:^|\s)[CP] ?\d", re.ASCII)
_SEVERAL = re.compile(r"[A-Z][a-z]{2}\d{2}.*[A-Z][a-z]{2}\d{2}|\b(?:Calendar|Spread|Butterfly)\b")


class UnknownName(ValueError):
    """The text is no name of a futures contract that we can read."""


@dataclass(frozen=True, slots=True)
class Contract:
    """A futures contract: product symbol and the month it expires in."""

    product: str
    year: int
    month: int

    def __str__(self) -> str:
        return f"{self.product} {MONTHS[self.month - 1]}{self.year % 100:02d}"


def read(text: str, *, on: date) -> Contract:
    """Return the contract that `text` names on the day `on`.

    Read: "ES Mar26", "ES MAR 2026", "ESH6", "ESH26", "ESH2026", "ES H26", "ES 03-26".
    A one-digit year takes the first decade in which the contract has not been over for more than
    a month on that day: "MESH5" traded in January 2025 is March 2025, "ESZ5" settled on
    2 January 2026 is still December 2025. Raises UnknownName.
    """
    line = text.strip()
    if found := _WORD.fullmatch(line):
        word = found["word"].capitalize()
        if word not in MONTHS:
            raise UnknownName(f"no month in the contract name {line[:40]!r}")
        month = MONTHS.index(word) + 1
    elif found := _CODE.fullmatch(line):
        month = MONTH_CODES.index(found["code"]) + 1
    elif (found := _DIGITS.fullmatch(line)) and 1 <= int(found["digits"]) <= 12:
        month = int(found["digits"])
    else:
        raise UnknownName(f"not a contract name that we can read: {line[:40]!r}")
    return Contract(found["root"], _full_year(found["year"], month, on), month)


def tt_form(text: str, *, on: date) -> str:
    """Return "ES Mar26" for every form that `read` knows. Raises UnknownName."""
    return str(read(text, on=on))


def kind_of(alias: str) -> str:
    """Return future, option, spread or other for an alias in TT's form."""
    if _OPTION.search(alias):
        return "option"
    if _SEVERAL.search(alias):
        return "spread"
    word = _WORD.fullmatch(alias.strip())
    return "future" if word and word["word"] in MONTHS else "other"


def _full_year(digits: str, month: int, on: date) -> int:
    if len(digits) == 4:
        return int(digits)
    if len(digits) == 2:
        return 2000 + int(digits)
    year = on.year - on.year % 10 + int(digits)
    earliest = on.year * 12 + on.month - 1  # in months, with one month of grace
    while year * 12 + month < earliest:
        year += 10
    while (year - 10) * 12 + month >= earliest:
        year -= 10
    return year
