"""The form of every answer about one trader's books: rows, and what to know about them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from accounts.access import Accounts
from common.api import Period
from ledger import queries as ledger

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Reading(Generic[T]):
    """An answer; notes say what is null or held back, and why."""

    rows: T
    notes: tuple[str, ...]
    data_through: date | None


def reading(
    rows: T,
    *,
    accounts: Accounts,
    period: Period | None,
    products: tuple[int, ...] = (),
    notes: tuple[str, ...] = (),
) -> Reading[T]:
    """Put the state of the books beside rows of closed trades. 1 query."""
    last, held = ledger.state(accounts=accounts, period=period, products=products)
    return Reading(rows, (*held, *notes), last)
