"""Make the roll calendar anew."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from common import clock
from futures import rolls
from futures.models import Product, Roll


class Command(BaseCommand):
    """`manage.py roll_calendar`: a second run changes nothing."""

    help = (
        "Make the roll calendar of each product anew, from the volume of all stored bars and, "
        "where there are none, from expiry. Rolls that were entered by hand in the admin stay. It "
        "can be run again without harm; run it after old bars have come in. "
        "Example: manage.py roll_calendar --product ES"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--product", help="symbol, e.g. ES; all that have contracts if left out"
        )
        parser.add_argument("--dry-run", action="store_true", help="report, but store nothing")

    def handle(self, *_: object, product: str | None, dry_run: bool, **__: Any) -> None:
        wanted = Product.objects.filter(contracts__isnull=False).distinct()
        if product:
            wanted = Product.objects.filter(symbol=product)
            if not wanted:
                raise CommandError(f"There is no product {product}")
        for one in wanted.order_by("symbol", "exchange"):
            with transaction.atomic():
                kept = rolls.keep(product_id=one.pk, at=clock.now())
                self.stdout.write(
                    f"{one.symbol}: {kept.written} rolls written, {kept.removed} removed, "
                    f"{kept.same} as they were"
                    + (" (dry run: nothing is stored)" if dry_run else "")
                )
                if dry_run or product:
                    self._list(one)
                transaction.set_rollback(dry_run)

    def _list(self, product: Product) -> None:
        for roll in (
            Roll.objects.filter(product=product).select_related("contract").order_by("from_day")
        ):
            self.stdout.write(f"  {roll.from_day}  {roll.contract.name}  by {roll.source}")
