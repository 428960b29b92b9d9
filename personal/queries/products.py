"""Which products there are."""

from __future__ import annotations

from collections.abc import Collection

from futures.models import Product


def unknown_products(ids: Collection[int]) -> tuple[int, ...]:
    """Return those of the ids that no product has. 1 query."""
    known = set(Product.objects.filter(id__in=ids).values_list("id", flat=True))
    return tuple(sorted(set(ids) - known))
