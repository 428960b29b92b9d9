"""A day's states as tests read them, and what they change behind the ledger's back."""

from __future__ import annotations

from datetime import UTC, date, datetime

from django.db import connection

from ledger import reconciliation
from ledger.models import ReconciledDay
from ledger.reconciliation import Reported, record_positions

AT = datetime(2026, 3, 5, 12, tzinfo=UTC)
TODAY = AT.date()
MARCH_2 = date(2026, 3, 2)


def states():
    rows = ReconciledDay.objects.select_related("contract")
    return {(row.contract.name, row.day.day): row.state for row in rows}


def row(day, contract="ES Mar26"):
    return ReconciledDay.objects.get(day=date(2026, 3, day), contract__name=contract)


def sql(text, *given):
    with connection.cursor() as cursor:
        cursor.execute(text, given)


def table():
    """Return the whole table but for when it was checked."""
    names = [f.attname for f in ReconciledDay._meta.concrete_fields if f.name != "checked_at"]
    return sorted(ReconciledDay.objects.values_list(*names), key=str)


def record_round_trip(books):
    books.record(books.buy(2, at="2026-03-02 14:30:00"), books.sell(2, at="2026-03-02 15:00:00"))
    return books


def tell(books, quantity, at, *, listed=True):
    told = [Reported(books.account.id, books.es.id, quantity)] if listed else []
    return record_positions(told, asked=[books.account.id], at=at)


def open_runs(books, today=TODAY, **given):
    return reconciliation.open_runs(account_ids=[books.account.id], today=today, **given)
