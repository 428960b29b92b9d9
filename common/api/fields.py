"""Serializer fields for money and instants."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import numpy as np
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

CENT = Decimal("0.01")
MICROS_PER_CENT = 10_000
EXACT = 2**53  # whole numbers below it are floats
# Control characters, ends of lines, and what turns the direction of reading around.
UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


def to_cents(value: Decimal | int) -> float:
    """Return money with two decimals, rounded half-even: the one place that rounds.

    value  USD; a whole number is millionths of one, as the books hold them
    """
    if isinstance(value, int):
        cents, rest = divmod(value, MICROS_PER_CENT)
        twice = 2 * rest
        cents += twice > MICROS_PER_CENT or (twice == MICROS_PER_CENT and cents & 1)
        return cents / 100
    return float(value.quantize(CENT, ROUND_HALF_EVEN)) + 0.0  # + 0.0: no negative zero


def usd_of(micros: Sequence[Any]) -> list[Any]:
    """Return micro-USD as USD with two decimals, rounded half-even as `to_cents` rounds.

    micros  whole numbers of 64 bits, or columns of equal length; returns floats in the same form
    """
    column = np.array(micros, np.int64)
    if column.size and max(int(column.max()), -int(column.min())) < EXACT:
        cents = np.rint(column / MICROS_PER_CENT)  # a quotient next to a half stays beside it
    else:
        cents = _whole_cents(column)
    dollars: list[Any] = (cents / 100 + 0.0).tolist()  # the nearest float; + 0.0: no negative zero
    return dollars


def _whole_cents(micros: Any) -> Any:
    """Return cents of any micro-USD; their floats are the nearest below 2**53 cents."""
    cents, rest = np.divmod(micros, MICROS_PER_CENT)
    twice = 2 * rest
    cents += (twice > MICROS_PER_CENT) | ((twice == MICROS_PER_CENT) & (cents % 2 == 1))
    return cents


@extend_schema_field({"type": "number", "format": "double"})
class Usd(serializers.Field[Decimal | int, Any, float, Any]):
    """USD, two decimals."""

    def to_representation(self, value: Decimal | int) -> float:
        return to_cents(value)

    def to_internal_value(self, data: Any) -> Decimal:
        return Decimal(str(data))


@extend_schema_field({"type": "number", "format": "double"})
class Price(serializers.Field[Decimal, Any, float, Any]):
    """A price, a tick or a point value, as exact as a JSON number can tell it; may be negative."""

    def to_representation(self, value: Decimal) -> float:
        return float(value)

    def to_internal_value(self, data: Any) -> Decimal:
        return Decimal(str(data))


class Text(serializers.CharField):
    """A JSON string; a number is not taken for one."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return str(super().to_internal_value(data))


class Line(Text):
    """One line that reads in the order in which it is written; trimmed, in composed form (NFC)."""

    default_error_messages = {"unseen": "Leave out control characters and ends of lines"}

    def to_internal_value(self, data: Any) -> str:
        line = unicodedata.normalize("NFC", super().to_internal_value(data))
        if UNSEEN.search(line):
            self.fail("unseen")
        return line


class Flag(serializers.BooleanField):
    """JSON's true or false; 0, "no" and an absent value are not taken for one."""

    default_error_messages = {"invalid": "Give true or false"}
    default_empty_html = serializers.empty

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid")
        return data


class UtcDateTime(serializers.DateTimeField):
    """An instant, ISO 8601 in UTC with Z."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(default_timezone=UTC, **kwargs)
