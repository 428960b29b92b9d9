"""One at a time across all processes: advisory locks of PostgreSQL.

They last until the transaction ends, so that a crash frees them.
"""

from __future__ import annotations

from django.db import connection


def hold(*name: object) -> None:
    """Wait for the lock of this name; call it inside a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [_key(name)])


def try_hold(*name: object) -> bool:
    """Take the lock of this name if nobody holds it; call it inside a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [_key(name)])
        return bool(cursor.fetchone()[0])


def _key(name: tuple[object, ...]) -> str:
    return "\x1f".join(str(part).replace("\x00", "") for part in name)
