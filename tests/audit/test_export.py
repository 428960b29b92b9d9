"""The log as CSV."""

import csv
import json

import pytest
from django.db import connection

from audit.actions import record
from audit.export import COLUMNS, cell, rows
from audit.models import LogEntry
from tests.factories import AT

pytestmark = pytest.mark.django_db


def write(by: str = "ana@desk.test", **changes) -> None:
    record(
        scope="authentication", action="login", entity=("custom_user", 7), by=by, at=AT,
        trader_id=3, **changes,
    )  # fmt: skip


def test_a_line_for_each_row_under_a_header():
    write(source=(None, "api"))
    write(source=(None, 'con"so,le\n'))

    read = list(csv.reader(rows(LogEntry.objects.order_by("id"))))

    assert read[0] == list(COLUMNS)
    assert read[1][1:8] == [
        "2026-03-31T12:00:00Z", "authentication", "login", "custom_user", "7", "ana@desk.test", "3",
    ]  # fmt: skip
    assert json.loads(read[2][8]) == {"source": {"old": None, "new": 'con"so,le\n'}}


def test_nothing_is_an_empty_cell():
    record(
        scope="authentication", action="login_failed", entity=("custom_user", None), by="", at=AT
    )

    assert list(csv.reader(rows(LogEntry.objects.all())))[1][5:8] == ["", "", ""]


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＠"])  # noqa: RUF001
def test_no_cell_is_a_formula(sign):
    write(by=f"{sign}cmd|' /C calc'!A0")

    read = next(iter(list(csv.reader(rows(LogEntry.objects.all()), strict=True))[1:]))
    assert read[6].startswith(f"'{sign}cmd")
    assert cell(f"a{sign}") == f"a{sign}"


def test_rows_are_read_as_they_are_asked_for():
    for _ in range(20):
        write()
    lines = rows(LogEntry.objects.all())
    assert next(lines).startswith("id,")
    with connection.cursor() as cursor:
        next(lines)
        cursor.execute("SELECT count(*) FROM pg_cursors")
        assert cursor.fetchone() == (1,)  # PostgreSQL holds the rest
        assert len(list(lines)) == 19
