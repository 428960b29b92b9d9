"""Fills name accounts and contracts that exist: the database sees to it, a batch at a time."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from ledger.models import Fill

pytestmark = pytest.mark.django_db


def test_no_fill_of_an_account_that_does_not_exist(fill: Fill) -> None:
    with pytest.raises(IntegrityError, match=r"accounts that do not exist: \{987654321\}"):
        _copy_of(fill, account_id=987_654_321)


def test_no_fill_of_a_contract_that_does_not_exist(fill: Fill) -> None:
    with pytest.raises(IntegrityError, match=r"contracts that do not exist: \{987654321\}"):
        _copy_of(fill, contract_id=987_654_321)


def test_nor_does_one_become_one(fill: Fill) -> None:
    with pytest.raises(IntegrityError, match="contracts that do not exist"), transaction.atomic():
        _every_fill("UPDATE ledger_fill SET contract_id = 987654321")


def test_one_without_a_contract_is_kept(fill: Fill) -> None:
    _copy_of(fill, contract_id=None, state="waiting")


@pytest.mark.parametrize("table", ["trader_platforms", "futures_contract"])
def test_what_has_fills_stays(fill: Fill, table: str) -> None:
    named = fill.account_id if table == "trader_platforms" else fill.contract_id
    for sql in (f"DELETE FROM {table} WHERE id = %s", f"UPDATE {table} SET id = -1 WHERE id = %s"):
        with pytest.raises(IntegrityError, match="has fills: it stays"), transaction.atomic():
            _every_fill(sql, named)


@pytest.fixture
def fill(books) -> Fill:
    books.record(books.buy())
    return Fill.objects.get()


def _copy_of(fill: Fill, **other: Any) -> None:
    fill.exec_id = "another"
    for name, value in other.items():
        setattr(fill, name, value)
    with transaction.atomic():
        Fill.objects.bulk_create([fill])


def _every_fill(sql: str, *given: Any) -> None:
    with closing(connection.cursor()) as cursor:
        cursor.execute(sql, list(given))
