"""Exact numbers in BIGINT columns: scaled integers below, Decimal above.

SUM over BIGINT is exact and several times cheaper than over NUMERIC; the fields hand Decimals to
Python, from plain reads and from aggregates alike.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import models

if TYPE_CHECKING:
    # To a reader of the code the column is a DecimalField; in the database it is a BIGINT.
    Column = models.DecimalField
else:
    Column = models.BigIntegerField

MONEY_PLACES = 6
PRICE_PLACES = 9


def to_scaled(value: Decimal | int | str, places: int) -> int:
    """Return value x 10^places as an int.

    ValueError when the value is not finite or finer than the scale: nothing is rounded here.
    """
    number = value if isinstance(value, Decimal) else Decimal(value)
    if not number.is_finite():
        raise ValueError(f"{value} is not a finite number")
    scaled = number.scaleb(places)
    whole = int(scaled)
    if whole != scaled:
        raise ValueError(f"{value} is finer than 1e-{places}")
    if not -(2**63) <= whole < 2**63:
        raise ValueError(f"{value} is out of range")
    return whole


def from_scaled(value: Decimal | int, places: int) -> Decimal:
    """Return value / 10^places; exact."""
    return Decimal(value).scaleb(-places)


class ScaledField(Column):  # type: ignore[type-arg]  # a Django field takes none at run time
    """A Decimal kept as an integer number of 10^-places."""

    places: int = 0

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Decimal | None:
        return None if value is None else from_scaled(value, self.places)

    def to_python(self, value: Any) -> Any:
        if value is None or isinstance(value, Decimal):
            return value
        if isinstance(value, float):
            raise ValidationError("A float is not exact; give a Decimal")
        return Decimal(value)

    def get_prep_value(self, value: Any) -> int | None:
        if value is None:
            return None
        if isinstance(value, float):
            raise TypeError("A float is not exact; give a Decimal")
        return to_scaled(value, self.places)

    def formfield(self, **kwargs: Any) -> Any:
        from django import forms

        return forms.DecimalField(
            required=not self.blank,
            label=self.verbose_name,
            help_text=self.help_text,
            decimal_places=self.places,
        )

    def value_to_string(self, obj: models.Model) -> str:
        value = self.value_from_object(obj)
        return "" if value is None else str(value)

    @property
    def validators(self) -> list[Any]:
        return []  # BigIntegerField's own range speaks of the unscaled integer


class MoneyField(ScaledField):
    """Money to the millionth, in the currency that the column names."""

    places = MONEY_PLACES


class PriceField(ScaledField):
    """A price in contract points to the billionth: averages and spread legs lie between ticks."""

    places = PRICE_PLACES
