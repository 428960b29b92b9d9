"""Products, and what else is asked about them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from common.cache import cached
from common.prepared import prepared
from futures.models import Product

_PRODUCTS = """
SELECT id, symbol, exchange, name, color, currency, tick_size, tick_value, point_value
FROM futures_product"""
_VERSION = "SELECT coalesce(md5(string_agg(p::text, '|' ORDER BY id)), '') FROM futures_product p"


@dataclass(frozen=True)
class ProductRow:
    id: int
    symbol: str
    exchange: str
    name: str
    color: str
    currency: str
    tick_size: Decimal
    tick_value: Decimal
    point_value: Decimal


@dataclass(frozen=True, slots=True)
class ProductName:
    symbol: str
    id: int


def products_version() -> str:
    """Return a word that changes with any edit of the products, whoever makes it. 1 query."""
    with connection.prepared_cursor() as cursor:  # type: ignore[attr-defined]  # common.postgres
        cursor.execute(_VERSION)
        return str(cursor.fetchall()[0][0])


@cached(ttl="products")
def products(*, version: str) -> tuple[ProductRow, ...]:
    """Return all products by symbol. 1 query.

    version    of products_version(): part of the cache key
    """
    return _rows()


def products_of(ids: Iterable[int]) -> tuple[ProductRow, ...]:
    """Return these products by symbol. 1 query, none for no ids."""
    wanted = list(ids)
    return _rows("WHERE id = ANY(%s)", [wanted]) if wanted else ()


def _rows(where: str = "", given: Sequence[Any] = ()) -> tuple[ProductRow, ...]:
    with connection.cursor() as cursor:
        cursor.execute(f"{_PRODUCTS} {where} ORDER BY symbol, exchange", given)
        return tuple(ProductRow(*row) for row in cursor.fetchall())


def symbols() -> dict[int, str]:
    """Return the symbol of every product by its id. 1 query."""
    return dict(_symbols())


@prepared
def _symbols() -> QuerySet[Product, Any]:
    return Product.objects.values_list("id", "symbol")


def names_of(ids: Collection[int] | QuerySet[Any, Any]) -> tuple[ProductName, ...]:
    """Return these products by symbol. 1 query."""
    found = Product.objects.filter(id__in=ids).order_by("symbol", "id")
    return tuple(ProductName(*row) for row in found.values_list("symbol", "id"))


def unknown_products(ids: Collection[int]) -> list[int]:
    """Return those of `ids` that are no product. 1 query, none for no ids."""
    if not ids:
        return []
    known = set(Product.objects.filter(pk__in=ids).values_list("pk", flat=True))
    return sorted(set(ids) - known)
