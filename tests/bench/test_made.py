"""Data made in bulk is what the house itself would have made, and tables are whole afterwards."""

from __future__ import annotations

import pytest
from django.db import connection

from bench import books, group
from bench.bulk import in_bulk
from bench.fills import desk
from bench.frame import Size, Stand
from common.fields import from_scaled
from journal.actions import rolled
from ledger.models import DayResult, Fill, Trade

TABLES = ["ledger_trade", "ledger_dayresult", "journal_tradetag", "ledger_fill"]
committed = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def indexes() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE tablename = ANY(%s)", [TABLES])
        found = {definition for (definition,) in cursor.fetchall()}
        cursor.execute(
            "SELECT conname FROM pg_constraint WHERE contype = 'p' AND conrelid::regclass = "
            "ANY(%s::regclass[])",
            [TABLES],
        )
        return found | {name for (name,) in cursor.fetchall()}


def _fail_in_bulk() -> None:
    with in_bulk(*TABLES):
        assert not indexes()
        raise ZeroDivisionError


@pytest.mark.django_db
def test_a_failed_load_leaves_the_tables_as_they_were():
    before = indexes()

    with pytest.raises(ZeroDivisionError):
        _fail_in_bulk()

    assert indexes() == before


@committed
def test_a_year_is_made_once_and_its_sums_hold(monkeypatch):
    monkeypatch.setattr(group, "TRADERS", 4)
    monkeypatch.setattr(group, "TRADES", 6_000)
    monkeypatch.setattr(books, "open_books", lambda: None)
    before = indexes()
    stand = Stand(Size.SMALL)

    made = group.year(stand)

    assert indexes() == before
    assert group.year(stand) == made
    assert Trade.objects.count() == made.trades == 600
    assert len(made.account_ids) == len(Trade.objects.values("account").distinct()) == 4
    assert sum(DayResult.objects.values_list("trade_count", flat=True)) == 600
    # Triggers were silent; what they keep is right all the same.
    mended = rolled.check()
    assert (mended.accounts, mended.groups, mended.days) == ((), (), ())


@committed
def test_fills_are_stored_as_they_were_made(monkeypatch):
    monkeypatch.setattr(books, "AT_ONCE", 400)
    before = indexes()
    columns = desk(1_200)

    places = books.fill_books(1_200)

    assert indexes() == before
    stored = Fill.objects.order_by("exec_id").values_list("account", "contract", "side", "quantity",
                                                     "price", "fees")  # fmt: skip
    assert [*stored] == [
        (
            *places[n][:2], 1 if signed > 0 else -1, abs(signed),
            from_scaled(price, 9), from_scaled(fee, 6),
        )
        for n, signed, price, fee in zip(
            columns.group.tolist(), columns.signed.tolist(), columns.price.tolist(),
            columns.fees.tolist(), strict=True,
        )
    ]  # fmt: skip
    assert places[-1][2] == columns.day[-1]
