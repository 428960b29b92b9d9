"""Reconciled days as they are shown: plain rows, for the API and for the admin."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Count, QuerySet

from calc.reconciliation import days_held, is_sustained
from common.api import Period
from common.clock import from_ns
from ledger.models import ReconciledDay, Verdict
from ledger.queries import of_products, on_days


@dataclass(frozen=True, slots=True)
class DayState:
    """A UTC day of an account in a contract.

    state              flat, open, unverifiable, mismatch or skipped; reason is "" for the first two
    fill_count         usable fills of the day; bought, sold: their contracts
    position           contracts at the end of the day, signed; by the fills
    open_since         when what is held was opened; None = flat
    is_spread          held against another month of the product
    provider_position  as the provider told it last on the day; None = not told, or not yet compared
    second_*           contracts by the second feed; None = it does not cover the day
    checked_at         when a check first came to say this
    """

    account_id: int
    contract_id: int
    contract: str
    product_id: int
    product: str
    day: date
    state: str
    reason: str
    fill_count: int
    bought: int
    sold: int
    position: int
    open_since: datetime | None
    is_spread: bool
    provider_position: int | None
    second_bought: int | None
    second_sold: int | None
    checked_at: datetime


class OpenRun(NamedTuple):
    """A position that is held, since its true opening: from flat, or from the fill that turned it.

    days       ends of UTC days over which it is held until `today`; sustained: more than two
    quantity   contracts, signed
    exec_id    the fill that opened it
    is_spread  held against another month of the product: a calendar spread
    state      of its last day that is reconciled
    """

    account_id: int
    contract_id: int
    contract: str
    product_id: int
    product: str
    quantity: int
    opened_at: datetime
    exec_id: str
    days: int
    is_spread: bool
    state: str


_RUNS = """
SELECT d.account_id, d.contract_id, c.name, d.product_id, p.symbol, d.position, d.open_since_ns,
    d.opened_exec_id, d.is_spread, d.state
FROM (
    SELECT account_id, contract_id FROM ledger_position WHERE account_id = ANY(%s)
) l
CROSS JOIN LATERAL (
    SELECT * FROM ledger_reconciledday r
    WHERE r.account_id = l.account_id AND r.contract_id = l.contract_id
    ORDER BY r.day DESC LIMIT 1
) d
JOIN futures_contract c ON c.id = d.contract_id JOIN futures_product p ON p.id = d.product_id
WHERE d.position <> 0 AND d.open_since_ns IS NOT NULL
ORDER BY d.open_since_ns, d.account_id, d.contract_id"""


def days(
    *,
    account_ids: Collection[int],
    period: Period | None,
    states: Collection[str] = (),
    products: Collection[int] = (),
    start: int = 0,
    most: int | None = None,
) -> tuple[DayState, ...]:
    """Return the days of these accounts, the newest first, then by account and contract. 1 query.

    states, products  only these; none given is all
    start, most       a page: rows to leave out, rows to return
    """
    rows = _chosen(account_ids, period, states, products).select_related("contract", "product")
    page = rows.order_by("-day", "account_id", "contract_id")[
        start : None if most is None else start + most
    ]
    return tuple(_state(row) for row in page)


def totals(
    *, account_ids: Collection[int], period: Period | None, products: Collection[int] = ()
) -> dict[str, int]:
    """Return how many days are in each state; all five states, the worst first. 1 query."""
    found = dict(
        _chosen(account_ids, period, (), products)
        .values_list("state")
        .annotate(Count("day"))
        .order_by("state")
    )
    worst_first = reversed(Verdict.values)
    return {state: found.get(state, 0) for state in worst_first}


def open_runs(
    *, account_ids: Collection[int], today: date, sustained: bool = True
) -> tuple[OpenRun, ...]:
    """Return what these accounts hold, the oldest first. 1 query.

    sustained  only what is held for more than two UTC days
    """
    with connection.cursor() as cursor:
        cursor.execute(_RUNS, [list(account_ids)])
        rows = cursor.fetchall()
    found = []
    for *which, opened_ns, exec_id, is_spread, state in rows:
        opened = from_ns(opened_ns)
        if is_sustained(opened.date(), today) or not sustained:
            age = days_held(opened.date(), today)
            found.append(OpenRun._make([*which, opened, exec_id, age, is_spread, state]))
    return tuple(found)


def _chosen(
    account_ids: Collection[int],
    period: Period | None,
    states: Collection[str],
    products: Collection[int],
) -> QuerySet[ReconciledDay]:
    rows = ReconciledDay.objects.filter(on_days("day", period), of_products(products)).filter(
        account__in=account_ids
    )
    return rows.filter(state__in=states) if states else rows


def _state(row: ReconciledDay) -> DayState:
    same: dict[str, Any] = {
        name: getattr(row, name)
        for name in (
            "account_id", "contract_id", "product_id", "day", "state", "reason", "fill_count",
            "bought", "sold", "position", "is_spread", "provider_position", "second_bought",
            "second_sold", "checked_at",
        )
    }  # fmt: skip
    since = None if row.open_since_ns is None else from_ns(row.open_since_ns)
    return DayState(
        **same, contract=row.contract.name, product=row.product.symbol, open_since=since
    )
