"""Each state of a reconciled day, made by tampering with the tables; and what time brings."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection

from ledger.models import ReconciledDay
from ledger.reconciliation import check, keep
from tests.ledger.conftest import ns

pytestmark = pytest.mark.django_db

AT = datetime(2026, 3, 5, 12, tzinfo=UTC)
MARCH_2 = date(2026, 3, 2)


def states(account=None):
    rows = ReconciledDay.objects.order_by("account", "contract", "day")
    rows = rows if account is None else rows.filter(account=account)
    return {(row.contract.name, row.day.day): row.state for row in rows.select_related("contract")}


def row(day, contract="ES Mar26"):
    return ReconciledDay.objects.get(day=date(2026, 3, day), contract__name=contract)


def sql(text, *given):
    with connection.cursor() as cursor:
        cursor.execute(text, given)


def table():
    return sorted(
        ReconciledDay.objects.values_list(
            *(f.attname for f in ReconciledDay._meta.concrete_fields if f.name != "checked_at")
        )
    )


@pytest.fixture
def round_trip(books):
    books.record(books.buy(2, at="2026-03-02 14:30:00"), books.sell(2, at="2026-03-02 15:00:00"))
    return books


def test_a_day_is_flat_or_open_and_an_open_one_goes_on_to_today(round_trip):
    books = round_trip
    books.record(books.buy(3, at="2026-03-03 10:00:00"))

    keep(at=AT)

    assert states() == {
        ("ES Mar26", 2): "flat", ("ES Mar26", 3): "open", ("ES Mar26", 4): "open",
        ("ES Mar26", 5): "open",
    }  # fmt: skip
    last = row(5)
    assert (last.position, last.open_since_ns) == (3, ns("2026-03-03 10:00:00"))
    assert (last.fill_count, last.bought, last.sold) == (0, 0, 0)
    keep(at=AT + timedelta(days=1))
    assert states()["ES Mar26", 6] == "open"
    kept = table()
    assert check(at=AT + timedelta(days=1)).changed == 0
    assert table() == kept


def test_a_trade_that_is_missing_is_found(round_trip):
    keep(at=AT)
    sql("DELETE FROM ledger_trade")

    check(at=AT)

    assert row(2).state == "skipped"
    assert row(2).reason == "2 usable fills in no trade"
