"""The group's results by product."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from accounts.access import Accounts
from common.api import Period
from common.cache import cached
from comparative.cohort import Cohort, total
from comparative.queries.atoms import Atom, atoms
from comparative.queries.reading import Reading, reading
from futures.models import Product

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class GroupProductResult:
    """All visible traders' trades of one product in the period; null where suppressed.

    traders        different ones behind the sum, the viewer included
    days_left_out  days that the sum goes without
    """

    product: str
    product_id: int
    name: str
    color: str
    pnl: Decimal | None
    trade_count: int | None
    traders: int | None
    suppressed: bool
    days_left_out: int


@cached(ttl="comparative.performance-by-product")
def performance_by_product(
    *, accounts: Accounts, period: Period, cohort: Cohort
) -> Reading[tuple[GroupProductResult, ...]]:
    """Return the sum of all accounts by product, by absolute pnl. 3 queries.

    Traders are counted where they are told: one who stands behind hidden days only is not among
    them. Suppressed products come last, by symbol.
    """
    heaps: dict[int, list[Atom]] = defaultdict(list)
    for atom in atoms(accounts=accounts, period=period, cohort=cohort):
        heaps[atom.product_id].append(atom)
    facts = Product.objects.filter(id__in=heaps).values_list("id", "symbol", "name", "color")
    sums = {product: total(atom.figure for atom in heap) for product, heap in heaps.items()}
    rows = [
        GroupProductResult(
            product=symbol,
            product_id=product,
            name=name,
            color=color,
            pnl=sums[product].pnl,
            trade_count=sums[product].trade_count,
            traders=None if sums[product].suppressed else _traders(heaps[product]),
            suppressed=sums[product].suppressed,
            days_left_out=sums[product].left_out,
        )
        for product, symbol, name, color in facts
    ]
    rows.sort(key=lambda row: (row.suppressed, -abs(row.pnl or ZERO), row.product, row.product_id))
    return reading(
        tuple(rows), accounts=accounts, period=period, cohort=cohort, figures=sums.values()
    )


def _traders(heap: list[Atom]) -> int:
    """Count the different traders of the atoms that are told."""
    return len({trader for atom in heap if not atom.figure.suppressed for trader in atom.traders})
