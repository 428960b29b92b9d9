"""The 84 futures of the first start, each with a distinct colour that stays its own."""

import csv
from decimal import Decimal
from pathlib import Path

from django.db import migrations

SOURCE = Path(__file__).resolve().parent.parent / "products.csv"


def add_products(apps, schema_editor):
    product = apps.get_model("futures", "Product")
    with SOURCE.open(newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        for name in ("tick_size", "tick_value", "point_value"):
            row[name] = Decimal(row[name])
    known = set(product.objects.values_list("symbol", "exchange"))
    product.objects.bulk_create(
        product(**row) for row in rows if (row["symbol"], row["exchange"]) not in known
    )


class Migration(migrations.Migration):
    dependencies = [("futures", "0001_initial")]
    operations = [migrations.RunPython(add_products, migrations.RunPython.noop, elidable=False)]
