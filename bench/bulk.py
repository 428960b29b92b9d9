"""Load tables in bulk: no trigger and no reference looks at a row, indexes are built afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

# Of keys as well: nothing refers to those of the tables that are loaded in bulk.
_KEYS = """
SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname),
    format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', conrelid::regclass, conname,
        pg_get_constraintdef(oid))
FROM pg_constraint WHERE conrelid = ANY(%s::regclass[]) AND contype IN ('p', 'u')"""
_INDEXES = """
SELECT format('DROP INDEX %%s', indexrelid::regclass), pg_get_indexdef(indexrelid)
FROM pg_index WHERE indrelid = ANY(%s::regclass[])
    AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)"""

# Neither triggers nor foreign keys look, where we may say so: with them it takes longer, no more.
_SETTINGS = """
SELECT set_config('statement_timeout', '0', true), set_config('maintenance_work_mem', '1GB', true),
    set_config('work_mem', '256MB', true),
    CASE WHEN has_parameter_privilege('session_replication_role', 'SET')
    THEN set_config('session_replication_role', 'replica', true) END"""


@contextmanager
def in_bulk(*tables: str) -> Iterator[None]:
    """Load these tables inside the block: whole afterwards, or as they were.

    What their triggers keep is the caller's to make. Only for tables of one's own: they are locked.
    """
    given = [list(tables)]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_SETTINGS)
        cursor.execute(_KEYS, given)
        away = cursor.fetchall()
        cursor.execute(_INDEXES, given)
        away += cursor.fetchall()
        for drop, _ in away:
            cursor.execute(drop)
        yield
        for _, make in away:
            cursor.execute(make)
