"""A prepared statement by one call of libpq: psycopg's cursor takes longer than the question.

The driver's own layers are used below and above it: its connection, its loaders, its errors.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Sequence
from datetime import datetime
from types import SimpleNamespace, TracebackType
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

import psycopg
from psycopg import pq
from psycopg.adapt import Transformer
from psycopg.errors import FeatureNotSupported, InvalidSqlStatementName, error_from_result

# Two that a statement can get only because it was prepared: after a change of the tables, and
# where a pooler or DEALLOCATE has forgotten it.
_OUTDATED = (FeatureNotSupported, InvalidSqlStatementName)
_WRITTEN: dict[type, Callable[[Any], bytes]] = {  # the narrower kind first
    bool: lambda one: b"t" if one else b"f",
    int: lambda one: b"%d" % one,
    str: str.encode,
    UUID: lambda one: one.hex.encode(),
    datetime: lambda one: one.isoformat().encode(),
}
_numbers = itertools.count()
_names: WeakKeyDictionary[psycopg.Connection[Any], dict[str, bytes]] = WeakKeyDictionary()


class RawCursor:
    """What Django's wrappers need of a cursor, for a SELECT with plain values.

    execute  raises psycopg's errors, as a cursor of its own does
    """

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        self._rows: list[tuple[Any, ...]] = []
        self._query: Any = None  # for the log of queries

    def execute(self, sql: str, params: Sequence[Any] | None = None) -> None:
        self._query = SimpleNamespace(query=sql.encode())
        values = [_writing(type(one))(one) for one in params or ()]  # type: ignore[arg-type]
        try:
            found = self._found(sql, values)
        except _OUTDATED:
            _names.pop(self._connection, None)
            if not self._connection.autocommit:  # the transaction is lost with the statement
                raise
            found = self._found(sql, values)
        loaded = Transformer(self._connection)
        loaded.set_pgresult(found)
        self._rows = loaded.load_rows(0, found.ntuples, tuple)

    def fetchall(self) -> list[tuple[Any, ...]]:
        return self._rows

    def close(self) -> None:
        self._rows = []

    def __enter__(self) -> RawCursor:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _found(self, sql: str, values: list[bytes]) -> pq.abc.PGresult:
        libpq = self._connection.pgconn
        names = _names.setdefault(self._connection, {})
        name = names.get(sql)
        if name is None:
            name = b"skyll_%d" % next(_numbers)
            _right(libpq.prepare(name, numbered(sql)))
            names[sql] = name
        return _right(libpq.exec_prepared(name, values))


def goes_raw(connection: psycopg.Connection[Any]) -> bool:
    """Say whether a statement may be sent past the driver: it begins transactions by itself."""
    libpq = connection.pgconn
    if libpq.pipeline_status != pq.PipelineStatus.OFF:
        return False
    return connection.autocommit or libpq.transaction_status == pq.TransactionStatus.INTRANS


@functools.lru_cache(maxsize=256)
def numbered(sql: str) -> bytes:
    """Return SQL with $1, $2 for each %s, as libpq takes it."""
    first, *parts = sql.split("%s")
    text = first + "".join(f"${n}{part}" for n, part in enumerate(parts, 1))
    return text.replace("%%", "%").encode()


@functools.cache
def _writing(kind: type) -> Callable[[Any], bytes]:
    for known, write in _WRITTEN.items():
        if issubclass(kind, known):
            return write
    raise TypeError(f"A prepared question takes no {kind.__name__}")


def _right(result: pq.abc.PGresult) -> pq.abc.PGresult:
    if result.status in {pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK}:
        return result
    if result.error_field(pq.DiagnosticField.SQLSTATE) is None:  # libpq's own: the server is away
        raise psycopg.OperationalError(result.get_error_message())
    raise error_from_result(result)
