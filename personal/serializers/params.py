"""What a personal reading may be asked for."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from rest_framework import serializers

from common.api import Id, OpenPeriodParams, PageParams, Params, PeriodParams, Repeated
from personal import queries

SIDES = {"long": 1, "short": -1}


class WhoseParams(Params):
    """Whose accounts, and which."""

    trader = Id(
        required=False,
        help_text="A trader of the own group (admins only), e.g. 12; oneself if left out",
    )
    sim = serializers.BooleanField(
        default=False, help_text="true: the sim accounts instead of the live ones"
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs = super().validate(attrs)
        attrs["whose"] = {"trader": attrs.pop("trader", None), "sim": attrs.pop("sim")}
        return attrs


class ProductsParams(Params):
    """Several products; becomes `products`."""

    product = Repeated(
        child=Id(),
        help_text="Id of a product as in /products, e.g. 14; may be repeated; all if left out",
    )

    def validate_product(self, ids: tuple[int, ...]) -> tuple[int, ...]:
        return known(ids)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs = super().validate(attrs)
        attrs["products"] = attrs.pop("product", ())
        return attrs


class ProductParams(Params):
    """At most one product; becomes `products`."""

    product = Id(
        required=False, help_text="Id of a product as in /products, e.g. 14; all if left out"
    )

    def validate_product(self, one: int) -> int:
        return known((one,))[0]

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs = super().validate(attrs)
        attrs["products"] = (attrs.pop("product"),) if "product" in attrs else ()
        return attrs


def known(ids: Collection[int]) -> tuple[int, ...]:
    """Return the ids; ValidationError where there is no such product."""
    for unknown in queries.unknown_products(ids) if ids else ():
        raise serializers.ValidationError(f"There is no product {unknown}")
    return tuple(ids)


class OwnPeriodParams(WhoseParams, PeriodParams):
    """A period of one trader."""


class OwnOpenPeriodParams(WhoseParams, OpenPeriodParams):
    """A period of one trader, or all of it."""


class SummaryParams(ProductsParams, OwnPeriodParams):
    """A period of one trader in some products."""


class OneProductParams(ProductParams, OwnPeriodParams):
    """A period of one trader in one product, or in all."""


class TradesParams(ProductsParams, WhoseParams, PageParams, OpenPeriodParams):
    """Which closed trades, in which order."""

    side = serializers.ChoiceField(
        choices=list(SIDES), required=False, help_text="Side of the first fill; both if left out"
    )
    sort = serializers.ChoiceField(
        choices=queries.SORTS,
        default="-closed_at",
        help_text="Order; a leading - means falling. Trades without a pnl yet come last",
    )

    def validate_side(self, word: str) -> int:
        return SIDES[word]
