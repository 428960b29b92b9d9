"""Shapes of market facts, and the `product` parameter."""

from __future__ import annotations

from rest_framework import serializers

from common.api import Id, Params, Price, Repeated
from futures import queries
from futures.queries import ProductRow


class ProductOut(serializers.Serializer[ProductRow]):
    id = serializers.IntegerField()
    symbol = serializers.CharField()
    exchange = serializers.CharField()
    name = serializers.CharField()
    color = serializers.CharField(help_text="hex code, distinct and fixed per product")
    currency = serializers.CharField()
    tick_size = Price()
    tick_value = Price(help_text="currency per tick and contract")
    point_value = Price(help_text="currency per point and contract")


def _known(*ids: int) -> None:
    if unknown := queries.unknown_products(ids):
        raise serializers.ValidationError(f"There is no product {unknown[0]}")


class ProductParams(Params):
    """One product, or all: None."""

    product = Id(default=None, help_text="id of a product")

    def validate_product(self, product: int | None) -> int | None:
        if product is not None:
            _known(product)
        return product


class ProductsParams(Params):
    """Some products, or all: ()."""

    product = Repeated(child=Id(), help_text="ids of products; may be repeated")

    def validate_product(self, products: tuple[int, ...]) -> tuple[int, ...]:
        _known(*products)
        return products
