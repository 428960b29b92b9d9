"""The form of every answer about one trader's books: rows, and what to know about them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

from accounts.access import Accounts
from common.api import Period
from ledger import queries as ledger
from ledger.picked import Asked, asked_together

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Reading(Generic[T]):
    """An answer; notes say what is null or held back, and why."""

    rows: T
    notes: tuple[str, ...]
    data_through: date | None


def reading_of(
    asked: Asked,
    made: Callable[[list[tuple[Any, ...]]], T],
    *,
    accounts: Accounts,
    period: Period | None,
    products: tuple[int, ...] = (),
) -> Reading[T]:
    """Ask a question, and the state of the books on the same trip. 2 queries.

    made  makes the rows of the reading of those that were found
    """
    about = ledger.state_asked(accounts=accounts, period=period, products=products)
    found, state = asked_together(asked, about)
    last, held = ledger.split(state)
    return Reading(made(found), held, last)


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
