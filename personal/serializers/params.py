"""What a personal reading may be asked for."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.serializers import PersonalParams
from common.api import Day, OpenPeriodParams, PageParams, PeriodParams
from futures.serializers import ProductParams, ProductsParams
from personal import queries

SIDES = {"long": 1, "short": -1}


class OwnDayParams(PersonalParams):
    """One day of one trader."""

    date = Day(help_text="UTC day, from 1970 to 2199")


class OwnPeriodParams(PersonalParams, PeriodParams):
    """A period of one trader."""


class OwnOpenPeriodParams(PersonalParams, OpenPeriodParams):
    """A period of one trader, or all of it."""


class SomeProductsParams(ProductsParams, OwnPeriodParams):
    """A period of one trader in some products, or in all."""


class OneProductParams(ProductParams, OwnPeriodParams):
    """A period of one trader in one product, or in all; `product` becomes a tuple."""

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs = super().validate(attrs)
        attrs["product"] = () if attrs["product"] is None else (attrs["product"],)
        return attrs


class TradesParams(ProductsParams, PersonalParams, PageParams, OpenPeriodParams):
    """Which closed trades, in which order."""

    side = serializers.ChoiceField(
        choices=list(SIDES), required=False, help_text="side of the first fill; both if left out"
    )
    sort = serializers.ChoiceField(
        choices=queries.SORTS,
        default="-closed_at",
        help_text="a leading - means falling; trades without a pnl yet come last by pnl",
    )

    def validate_side(self, word: str) -> int:
        return SIDES[word]
