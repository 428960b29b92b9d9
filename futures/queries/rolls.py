"""Which month leads its product."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from common.api import Period
from futures.models import Roll

_COLUMNS = ("contract_id", "contract__name", "from_day", "source")


@dataclass(frozen=True, slots=True)
class FrontMonth:
    """A contract, and the UTC day from which on it leads its product.

    source  volume, rule or hand: why it does
    """

    contract_id: int
    contract: str
    from_day: date
    source: str


def front_month(*, product_id: int, day: date) -> FrontMonth | None:
    """Return the month that leads on a UTC day; None where the calendar begins later. 1 query."""
    led = Roll.objects.filter(product_id=product_id, from_day__lte=day).order_by("-from_day")
    found = led.values_list(*_COLUMNS).first()
    return None if found is None else FrontMonth(*found)


def rolls_of(*, product_id: int, period: Period) -> tuple[FrontMonth, ...]:
    """Return who leads in a period, by from_day: first the one that led already. 1 query."""
    led = Roll.objects.filter(product_id=product_id, from_day__lte=period.end).order_by("from_day")
    rows = [FrontMonth(*row) for row in led.values_list(*_COLUMNS)]
    before = [row for row in rows if row.from_day <= period.start][-1:]
    return (*before, *(row for row in rows if row.from_day > period.start))
