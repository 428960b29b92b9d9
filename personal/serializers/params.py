"""What a personal reading may be asked for."""

from __future__ import annotations

from typing import Any

from accounts.serializers import PersonalParams
from common.api import Day, OpenPeriodParams, PeriodParams
from futures.serializers import ProductParams, ProductsParams
from journal.serializers.tags import TagFilterParams
from ledger.serializers import ClosedTradesParams


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


class TradesParams(TagFilterParams, ClosedTradesParams):
    """Which closed trades, in which order."""
