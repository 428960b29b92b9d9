"""A question that goes past the driver fails, heals and belongs to a transaction as any other."""

from contextlib import closing
from datetime import UTC, datetime
from uuid import UUID

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction
from django.db.utils import InterfaceError, OperationalError

from common.postgres import raw
from common.postgres.raw import RawCursor
from traders.models import Group

WHO = UUID(int=2**127 - 1)
AT = datetime(2026, 4, 1, 12, 30, 15, 123_456, UTC)
alone = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def rows(sql, *given):
    with connection.prepared_cursor() as cursor:  # type: ignore[attr-defined]
        cursor.execute(sql, given)
        return cursor.fetchall()


def is_raw():
    with connection.prepared_cursor() as cursor:  # type: ignore[attr-defined]
        return isinstance(cursor.cursor, RawCursor)


def test_values_come_back_as_the_driver_reads_them(db):
    sql = (
        "SELECT %s::bigint, %s::bool, %s::text, %s::uuid, %s::timestamptz, 5 %% 3, NULL::int, "
        "1.50::numeric, ARRAY[1, 2]"
    )
    given = (-(2**62), True, "it's 'ours' \\ %s", WHO, AT)
    rows("SELECT 1")  # begins the test's transaction
    assert is_raw()
    found = rows(sql, *given)
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        assert found == cursor.fetchall()
    assert found[0][:5] == given


def test_what_it_cannot_write_is_refused(db):
    rows("SELECT 1")
    with pytest.raises(TypeError, match="float"):
        rows("SELECT %s::float8", 0.5)


def test_errors_are_djangos(db):
    with pytest.raises(DatabaseError, match="no_such_table"), transaction.atomic():
        rows("SELECT * FROM no_such_table")
    with pytest.raises(DatabaseError, match="division by zero"), transaction.atomic():
        rows("SELECT 1 / %s::int", 0)
    assert rows("SELECT 1 / %s::int", 1) == [(1,)]


@alone
def test_it_belongs_to_the_transaction_even_as_its_first_statement():
    with transaction.atomic():
        assert not is_raw()  # the driver begins it
        assert rows("SELECT count(*) FROM " + Group._meta.db_table) == [(0,)]
        assert is_raw()
        Group.objects.create(name="gone")
        assert rows("SELECT name FROM " + Group._meta.db_table) == [("gone",)]
        transaction.set_rollback(True)
    assert is_raw()
    assert rows("SELECT count(*) FROM " + Group._meta.db_table) == [(0,)]


@alone
def test_a_statement_that_was_forgotten_or_outlived_its_table_is_prepared_anew():
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE short AS SELECT 1 AS one")
        assert rows("SELECT * FROM short") == [(1,)]
        cursor.execute("DEALLOCATE ALL")
        assert rows("SELECT * FROM short") == [(1,)]
        cursor.execute("ALTER TABLE short ADD two text DEFAULT 'b'")
        assert rows("SELECT * FROM short") == [(1, "b")]
        both = ("SELECT 2", ()), ("SELECT * FROM short", ())
        assert together(*both) == [[(2,)], [(1, "b")]]
        cursor.execute("DEALLOCATE ALL")
        assert together(*both) == [[(2,)], [(1, "b")]]
        cursor.execute("ALTER TABLE short DROP two")
        assert together(*both) == [[(2,)], [(1,)]]
        cursor.execute("DROP TABLE short")


@alone
def test_a_rollback_forgets_nothing():
    rows("SELECT 1")
    for _ in range(2):
        with transaction.atomic():
            assert rows("SELECT 2 AS two") == [(2,)]  # the first of a transaction: the driver's
            assert rows("SELECT 1") == [(1,)]
            transaction.set_rollback(True)


@alone
def test_a_new_connection_knows_nothing_of_the_old_ones_statements():
    assert rows("SELECT %s::int", 1) == [(1,)]
    connection.close()
    assert rows("SELECT %s::int", 2) == [(2,)]


@alone
def test_a_connection_that_died_is_told_as_such():
    rows("SELECT 1")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        ((pid,),) = cursor.fetchall()
    with closing(connection.copy()) as other, other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    with pytest.raises((OperationalError, InterfaceError)):
        rows("SELECT 1")
    connection.close()
    assert rows("SELECT 1") == [(1,)]


def together(*questions):
    with connection.asked_together(questions) as fetch:  # type: ignore[attr-defined]
        return fetch()


def trips_of(monkeypatch):
    sent = []
    plain = raw.Trip.__init__

    def init(self, *args):
        sent.append(self)
        plain(self, *args)

    monkeypatch.setattr(raw.Trip, "__init__", init)
    return sent


def test_questions_sent_together_find_what_each_finds(db, monkeypatch, django_assert_num_queries):
    sent = trips_of(monkeypatch)
    questions = [("SELECT %s::int", (n,)) for n in range(3)] + [
        ("SELECT n, repeat('x', %s::int) FROM generate_series(1, 2000) n", (100,))
    ]
    with django_assert_num_queries(4):
        found = together(*questions)
    assert not sent  # it is counted one by one
    assert together(*questions) == found == [rows(sql, *given) for sql, given in questions]
    assert len(sent) == 1
    assert together() == []


def test_what_nobody_fetches_leaves_nothing_behind(db):
    rows("SELECT 1")
    with connection.asked_together([("SELECT 1", ())]):  # type: ignore[attr-defined]
        pass
    with (
        pytest.raises(ZeroDivisionError),
        connection.asked_together([("SELECT 1 / %s::int", (1,))]),  # type: ignore[attr-defined]
    ):
        raise ZeroDivisionError
    assert rows("SELECT 2") == [(2,)]


def test_one_that_fails_is_told_and_the_connection_goes_on(db):
    rows("SELECT 1")
    with pytest.raises(DatabaseError, match="division by zero"), transaction.atomic():
        together(("SELECT 1", ()), ("SELECT 1 / %s::int", (0,)), ("SELECT 1", ()))
    assert rows("SELECT 2") == [(2,)]


@alone
def test_a_trip_is_no_transaction_that_stays_open():
    assert together(("SELECT 1", ()), ("SELECT 2", ())) == [[(1,)], [(2,)]]
    assert connection.connection.info.transaction_status.name == "IDLE"


@alone
def test_a_connection_that_dies_under_way_is_closed():
    rows("SELECT 1")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        ((pid,),) = cursor.fetchall()
    together(("SELECT pg_sleep(%s::int)::text", (0,)))

    def kill():
        with closing(connection.copy()) as other, other.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])

    questions = [("SELECT pg_sleep(%s::int)::text", (20,))]
    with connection.asked_together(questions) as fetch:  # type: ignore[attr-defined]
        kill()
        with pytest.raises((psycopg.OperationalError, OperationalError)):
            fetch()
    assert connection.connection.closed
    connection.close()
    assert together(("SELECT 1", ())) == [[(1,)]]
