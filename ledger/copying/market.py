"""Products and contracts of a copy: known by their names; what is known here stays as it is."""

from __future__ import annotations

from typing import Any

from django.db import connection

from calc.colors import next_color
from common import locks
from futures.models import Product
from ledger.copying.file import CopyRefused
from ledger.copying.tables import CONTRACTS, PRODUCTS

MOST_NOTES = 10
_HERE = """
DROP TABLE IF EXISTS copied_here;
CREATE TEMPORARY TABLE copied_here ON COMMIT DROP AS
SELECT s.id, h.id AS contract_id, h.product_id FROM copied_contracts s
JOIN futures_contract h ON h.name = s.name"""
# The ids of production where they are free: links that name them lead to the same.
_FREE = """CASE WHEN EXISTS (SELECT FROM {0} o WHERE o.id = s.id)
    THEN nextval(pg_get_serial_sequence('{0}', 'id')) ELSE s.id END"""
_ADD_CONTRACTS = f"""
INSERT INTO futures_contract (
    id, product_id, name, expiry_month, expires_on, currency, tick_size, point_value, bars_version
)
SELECT {_FREE.format("futures_contract")}, h.id, s.name, s.expiry_month, s.expires_on, s.currency,
    s.tick_size, s.point_value, 0
FROM copied_contracts s JOIN copied_products p ON p.id = s.product_id
JOIN futures_product h ON h.symbol = p.symbol AND h.exchange = p.exchange
WHERE NOT EXISTS (SELECT FROM futures_contract o WHERE o.name = s.name)
ORDER BY s.id"""  # noqa: S608  constant text
_STRANGERS = """
SELECT s.name, p.symbol, p.exchange FROM copied_contracts s
JOIN copied_products p ON p.id = s.product_id
JOIN futures_contract c ON c.name = s.name JOIN futures_product h ON h.id = c.product_id
WHERE (h.symbol, h.exchange) <> (p.symbol, p.exchange) ORDER BY 1"""
_DIFFERENT = """
SELECT s.name FROM copied_contracts s JOIN futures_contract h ON h.name = s.name
WHERE (h.currency, h.tick_size, h.point_value) IS DISTINCT FROM
    (s.currency, s.tick_size, s.point_value) ORDER BY 1"""


def keep_market() -> list[str]:
    """Add the staged products and contracts that are not known; return what differs, in sentences.

    Their ids here stand in `copied_here` afterwards. Fills of other accounts may stand on what is
    known here, and the trades of a copy are priced already: nothing known is changed.
    """
    locks.hold("products")
    _add_products()
    with connection.cursor() as cursor:
        cursor.execute(_STRANGERS)
        if rows := cursor.fetchall():
            name, symbol, exchange = rows[0]
            raise CopyRefused(
                f"{name} is a contract of {symbol} at {exchange} in the copy, and of another "
                "product here: give one of the two products the name of the other"
            )
        cursor.execute(_ADD_CONTRACTS)
        for table in ("futures_product", "futures_contract"):
            cursor.execute(
                f"SELECT setval(s, greatest(nextval(s), (SELECT max(id) FROM {table}))) "  # noqa: S608
                "FROM pg_get_serial_sequence(%s, 'id') AS s",
                [table],
            )
        cursor.execute(_HERE)
        cursor.execute(_DIFFERENT)
        told = [
            f"{name} has another currency, tick or point value here: it stays as it is"
            for (name,) in cursor.fetchall()
        ]
    more = len(told) - MOST_NOTES
    return told if more <= 0 else [*told[:MOST_NOTES], f"... and {more} more contracts"]


def _add_products() -> None:
    """Add the products that are not known, each with a colour of its own."""
    columns = PRODUCTS.columns.split(", ")
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {PRODUCTS.columns} FROM {PRODUCTS.staged} s "  # noqa: S608  constant names
            "WHERE (symbol, exchange) NOT IN (SELECT symbol, exchange FROM futures_product) "
            "ORDER BY id"
        )
        missing = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
    for row in missing:
        colors = list(Product.objects.values_list("color", flat=True))
        if row["color"] in colors:
            row["color"] = next_color(colors)
        if Product.objects.filter(id=row["id"]).exists():
            del row["id"]
        Product.objects.create(**row)


def contracts_moved(cursor: Any) -> bool:
    """Say whether a contract, or its product, has another id here than in the copy."""
    cursor.execute(
        f"SELECT EXISTS (SELECT FROM copied_here h JOIN {CONTRACTS.staged} s ON s.id = h.id "  # noqa: S608
        "WHERE (h.contract_id, h.product_id) <> (s.id, s.product_id))"
    )
    return bool(cursor.fetchone()[0])
