"""The form of every answer about a group: rows, and what to know about them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from accounts.access import Accounts
from common.api import Period
from comparative.cohort import EVERYBODY, Cohort, Figure
from ledger import queries as ledger

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Reading(Generic[T]):
    """An answer; notes say what is null, left out or held back, and why."""

    rows: T
    notes: tuple[str, ...]


def reading(
    rows: T,
    *,
    accounts: Accounts,
    period: Period,
    cohort: Cohort,
    figures: Iterable[Figure] = (),
    named: str = "pnl is",
    products: tuple[int, ...] = (),
    notes: tuple[str, ...] = (),
) -> Reading[T]:
    """Put beside rows what is held back from them. 1 query.

    figures  those that the rows show, and how a sentence about them begins
    products those that were asked for; none given is all
    """
    held = ledger.held_back(
        accounts=accounts, period=period, products=products, counted=cohort == EVERYBODY
    )
    return Reading(rows, (*held, *cohort.notes(figures, named), *notes))
