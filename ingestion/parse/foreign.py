"""Strict readers of foreign values: what they return is ours, what they refuse has a reason.

Numbers arrive as text, int or Decimal, never as float: `read_json` keeps a fraction as the text
that was sent, so that a price is exact and a raw row can be stored as JSON again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

INT64_MAX = 2**63 - 1
MAX_QUANTITY = 2**31 - 1
NANO = Decimal("1E-9")
TENTH_OF_NANO = Decimal("1E-10")
MAX_PRICE = Decimal(INT64_MAX) * NANO
LONGEST_NAME = 200
LONGEST_NUMBER = 40

# Python also reads "1_000" and the digits of other scripts; an exponent is kept small because
# 10**999999 as an integer would hold the worker up.
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,2})?", re.ASCII)
# In range and fine enough by its form alone: nearly every price.
_PLAIN_PRICE = re.compile(r"-?\d{1,9}(\.\d{1,9})?", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d+(\.0*)?", re.ASCII)


class Unusable(ValueError):
    """A foreign value that we cannot use; its text is the reason shown to an operator."""


def _whole_or_text(digits: str) -> int | str:
    return int(digits) if len(digits) <= LONGEST_NUMBER else digits


def read_json(text: str | bytes) -> Any:
    """Return the JSON value with fractions, NaN and huge integers left as their own text.

    Raises ValueError (also UnicodeDecodeError) where it is not JSON.
    """
    try:
        return json.loads(text, parse_float=str, parse_int=_whole_or_text, parse_constant=str)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def storable(value: Any) -> Any:
    """Return `value` with what PostgreSQL's jsonb refuses (NUL, lone surrogates) made visible."""
    if isinstance(value, str):
        if value.isascii() and "\x00" not in value:
            return value
        seen = value.replace("\x00", "\\u0000")
        return seen.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(value, Mapping):
        return {storable(str(key)): storable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [storable(item) for item in value]
    if value is None or isinstance(value, bool | int):
        return value
    return storable(str(value))


def raw_row(row: Any) -> Mapping[str, Any]:
    """Return `row` as a mapping fit to be stored beside its reason."""
    return storable(row) if isinstance(row, Mapping) else {"row": storable(row)}


def _shown(value: Any) -> str:
    text = str(storable(value if isinstance(value, str) else str(value)))
    return text if len(text) <= LONGEST_NUMBER else text[:LONGEST_NUMBER] + "…"


def present(row: Mapping[str, Any], key: str) -> Any:
    """Return the value of `key`; a missing key, null and "" are all missing."""
    value = row.get(key)
    if value is None or value == "":
        raise Unusable(f"{key} is missing")
    return value


def name(row: Mapping[str, Any], key: str) -> str:
    """Return an identifier or a name: one line of at most 200 characters."""
    value = present(row, key)
    if type(value) is int:
        return str(value)
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise Unusable(f"{key} is not a text: {_shown(value)}")
    text = str(value).strip()
    if not text:
        raise Unusable(f"{key} is missing")
    if len(text) > LONGEST_NAME:
        raise Unusable(f"{key} is longer than {LONGEST_NAME} characters")
    if not text.isprintable():
        raise Unusable(f"{key} holds a character that cannot be kept: {_shown(text)}")
    return text


def optional_name(row: Mapping[str, Any], key: str) -> str | None:
    """Return `name`, or None where the key is missing, empty or zero."""
    return None if row.get(key) in (None, "", 0, "0") else name(row, key)


def number(value: Any, what: str) -> Decimal:
    """Return a finite Decimal, exactly as written."""
    text = str(value).strip() if isinstance(value, str | int | Decimal) else ""
    if isinstance(value, bool) or not text:
        raise Unusable(f"{what} is not a number: {_shown(value)}")
    if text.lstrip("+-").lower() in ("nan", "snan", "inf", "infinity"):
        raise Unusable(f"{what} is not finite: {_shown(text)}")
    if len(text) > LONGEST_NUMBER or not _NUMBER.fullmatch(text):
        raise Unusable(f"{what} is not a number: {_shown(text)}")
    return Decimal(text)


def price(value: Any, what: str) -> Decimal:
    """Return a price that fits signed 64-bit nanopoints; negative prices are prices."""
    if type(value) is str and _PLAIN_PRICE.fullmatch(value):
        return Decimal(value)
    read = number(value, what)
    if abs(read) > MAX_PRICE:
        raise Unusable(f"{what} is out of range: {_shown(read)}")
    if read != read.quantize(NANO):
        raise Unusable(f"{what} is finer than 0.000000001: {_shown(read)}")
    return read


def rate(value: Any, what: str) -> Decimal:
    """Return USD per unit, above zero, rounded half-even to the ten decimals that are kept."""
    read = number(value, what)
    if not TENTH_OF_NANO <= read < 1_000_000_000:
        raise Unusable(f"{what} is out of range: {_shown(read)}")
    return read.quantize(TENTH_OF_NANO)


def whole(value: Any, what: str) -> int:
    """Return an integer, also from "3.0"."""
    if type(value) is int:
        return value
    if type(value) is str and value.isascii() and value.isdigit() and len(value) <= LONGEST_NUMBER:
        return int(value)
    text = str(value).strip() if isinstance(value, str | int | Decimal) else ""
    if isinstance(value, bool) or len(text) > LONGEST_NUMBER or not _WHOLE.fullmatch(text):
        number(value, what)  # says "not finite" or "not a number" where that is the better reason
        raise Unusable(f"{what} is not a whole number: {_shown(value)}")
    return int(text.split(".")[0])


def quantity(value: Any, what: str) -> int:
    """Return contracts, at least one."""
    read = whole(value, what)
    if read <= 0:
        raise Unusable(f"{what} is {read}: a fill has at least one contract")
    if read > MAX_QUANTITY:
        raise Unusable(f"{what} is out of range: {read}")
    return read


def nanoseconds(value: Any, what: str) -> int:
    """Return a stamp in nanoseconds since 1970, after 1970, within signed 64 bits."""
    read = whole(value, what)
    if not 0 < read <= INT64_MAX:
        raise Unusable(f"{what} is no stamp in nanoseconds: {read}")
    return read
