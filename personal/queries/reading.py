"""The form of every personal answer: that of all about one trader's books."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar

from django.db.models import QuerySet

from accounts.access import Accounts
from common.api import Period
from ledger.history import held_back_then, last_day_then, versions
from ledger.models import TradeVersion
from ledger.queries import of_products, on_days
from ledger.reading import Reading, reading, reading_of

__all__ = ["Reading", "priced_then", "reading", "reading_as_of", "reading_of"]

T = TypeVar("T")


def priced_then(
    accounts: Accounts, period: Period, products: tuple[int, ...], as_of: datetime
) -> QuerySet[TradeVersion]:
    """Return the trades closed in the period whose pnl was known at an instant, as told then."""
    return versions(as_of).filter(
        on_days("closed_on", period),
        of_products(products),
        account__in=accounts.ids,
        pnl_usd__isnull=False,
    )


def reading_as_of(
    rows: T,
    *,
    accounts: Accounts,
    period: Period,
    products: tuple[int, ...] = (),
    notes: tuple[str, ...] = (),
    as_of: datetime | None,
) -> Reading[T]:
    """Put the state of the books beside rows, as it was at an instant; None = now: 1 query, else 2.

    How the books of then compared with what others said is not kept, and not told.
    """
    asked: dict[str, Any] = {"accounts": accounts, "period": period, "products": products}
    if as_of is None:
        return reading(rows, **asked, notes=notes)
    held = held_back_then(**asked, as_of=as_of)
    return Reading(rows, (*held, *notes), last_day_then(accounts=accounts, as_of=as_of))
