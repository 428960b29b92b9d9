"""What the books said before: as of an instant, and what of it was restated."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Count, Max, QuerySet

from accounts.access import Accounts
from common.api import Page, Period
from ledger.models import Restatement, TradeVersion
from ledger.queries import Shortfall, of_products, on_days, told

_FIGURES = ("pnl_usd", "gross_usd", "fees_usd", "realized_usd", "trade_count", "held_count")
_PLACE = (
    "number", "account_id", "account__account", "account__trader_id", "account__trader__name",
    "day", "contract_id", "contract__name", "product_id", "product__symbol", "restated_at",
    "reason", "exec_id", "leg_index",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Figures:
    """What a day of an account in a contract came to; USD. Columns of `DayResult`."""

    pnl_usd: Decimal
    gross_usd: Decimal
    fees_usd: Decimal
    realized_usd: Decimal
    trade_count: int
    held_count: int


@dataclass(frozen=True, slots=True)
class Restated:
    """A day figure that changed after its day was over.

    number     identifies it for good; later ones are greater
    reason     a `ledger.models.Reason`
    exec_id    the fill that caused it, with its leg; None where none did
    was        None: nothing stood there
    became     None: nothing stands there any more
    """

    number: int
    account_id: int
    account: str
    trader_id: int
    trader: str
    day: date
    contract_id: int
    contract: str
    product_id: int
    product: str
    restated_at: datetime
    reason: str
    exec_id: str | None
    leg_index: int | None
    was: Figures | None
    became: Figures | None


def restatements(
    *,
    account_ids: Collection[int],
    page: Page,
    days: Period | None = None,
    restated: Period | None = None,
) -> tuple[tuple[Restated, ...], int]:
    """Return a page of what was restated, the latest first, and how many there are. 2 queries.

    days      the days whose figures changed; None = all
    restated  the UTC days on which they did; None = all
    """
    found = Restatement.objects.filter(on_days("day", days), account__in=list(account_ids))
    if restated is not None:
        first, after = restated.instants
        found = found.filter(restated_at__gte=first, restated_at__lt=after)
    rows = found.order_by("-restated_at", "-number").values_list(
        *_PLACE, *(f"was_{name}" for name in _FIGURES), *_FIGURES
    )[page.rows]
    place, end = len(_PLACE), len(_PLACE) + len(_FIGURES)
    changes = tuple(
        Restated(*(*row[:place], _figures(row[place:end]), _figures(row[end:]))) for row in rows
    )
    return changes, found.count()


def versions(as_of: datetime) -> QuerySet[TradeVersion]:
    """Return the closed trades as the books told them at an instant.

    What stood in the books before they kept a history counts as booked at all times.
    """
    return TradeVersion.objects.filter(booked_at__lte=as_of, replaced_at__gt=as_of)


def held_back_then(
    *, accounts: Accounts, period: Period | None, products: tuple[int, ...], as_of: datetime
) -> tuple[str, ...]:
    """Return a sentence per reason that kept closed trades out of the sums then. 1 query."""
    held = (
        versions(as_of)
        .filter(on_days("closed_on", period), of_products(products))
        .filter(account__in=accounts.ids, pnl_usd__isnull=True)
        .values_list("held")
        .annotate(Count("id"))
    )
    return told((Shortfall("held", *row) for row in held), counted=True)


def last_day_then(*, accounts: Accounts, as_of: datetime) -> date | None:
    """Return the last UTC day on which a trade had closed by the books of then. 1 query."""
    found: date | None = (
        versions(as_of).filter(account__in=accounts.ids).aggregate(last=Max("closed_on"))["last"]
    )
    return found


def _figures(row: tuple[Decimal | int | None, ...]) -> Figures | None:
    return None if row[0] is None else Figures(*row)  # type: ignore[arg-type]
