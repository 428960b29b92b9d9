"""A prepared statement by one call of libpq: psycopg's cursor takes longer than the question.

The driver's own layers are used below and above it: its connection, its loaders, its errors.
"""

from __future__ import annotations

import functools
import itertools
import select
from collections.abc import Callable, Sequence
from datetime import datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

import psycopg
from psycopg import pq
from psycopg.adapt import Transformer
from psycopg.errors import FeatureNotSupported, InvalidSqlStatementName, error_from_result

# Two that a statement can get only because it was prepared: after a change of the tables, and
# where a pooler or DEALLOCATE has forgotten it.
OUTDATED = (FeatureNotSupported, InvalidSqlStatementName)
_WRITTEN: dict[type, Callable[[Any], bytes]] = {  # the narrower kind first
    bool: lambda one: b"t" if one else b"f",
    int: lambda one: b"%d" % one,
    str: str.encode,
    UUID: lambda one: one.hex.encode(),
    datetime: lambda one: one.isoformat().encode(),
}
Rows = list[tuple[Any, ...]]
_numbers = itertools.count()
_names: WeakKeyDictionary[psycopg.Connection[Any], dict[str, bytes]] = WeakKeyDictionary()


class RawCursor:
    """What Django's wrappers need of a cursor, for a SELECT with plain values.

    execute  raises psycopg's errors, as a cursor of its own does
    """

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        self._rows: Rows = []
        self._query: Any = None  # for the log of queries

    def execute(self, sql: str, params: Sequence[Any] | None = None) -> None:
        self._query = SimpleNamespace(query=sql.encode())
        values = _written(params or ())
        try:
            found = self._found(sql, values)
        except OUTDATED:
            _names.pop(self._connection, None)
            if not self._connection.autocommit:  # the transaction is lost with the statement
                raise
            found = self._found(sql, values)
        self._rows = _loaded(self._connection, found)

    def fetchall(self) -> Rows:
        return self._rows

    def close(self) -> None:
        self._rows = []

    def _found(self, sql: str, values: list[bytes]) -> pq.abc.PGresult:
        name = _named(self._connection, sql)
        return _right(self._connection.pgconn.exec_prepared(name, values))


class Trip:
    """Questions that are sent together; while PostgreSQL answers, something else may be done.

    It must be ended: until then the connection takes nothing else. Errors are psycopg's; after one
    that is not PostgreSQL's answer to a question the connection is closed.
    """

    def __init__(
        self, connection: psycopg.Connection[Any], questions: Sequence[tuple[str, Sequence[Any]]]
    ) -> None:
        self._connection, self._libpq = connection, connection.pgconn
        self._results: list[pq.abc.PGresult] | None = None
        self._poll = select.poll()
        named = [(_named(connection, sql), _written(given)) for sql, given in questions]
        try:
            self._libpq.enter_pipeline_mode()
            for name, values in named:
                self._libpq.send_query_prepared(name, values)
            self._libpq.pipeline_sync()
            self._libpq.flush()
        except BaseException:
            connection.close()
            raise

    def fetch(self) -> list[Rows]:
        """Return what each question found, in order."""
        self.end()
        try:
            return [_loaded(self._connection, _right(one)) for one in self._results or ()]
        except OUTDATED:
            _names.pop(self._connection, None)
            raise

    def end(self) -> None:
        """Wait until all is answered; a second time nothing is left to wait for."""
        if self._results is not None:
            return
        self._results = []
        try:
            self._wait()
            self._libpq.exit_pipeline_mode()
        except BaseException:
            self._connection.close()
            raise

    def _wait(self) -> None:
        assert self._results is not None
        while True:
            while self._libpq.is_busy():  # nobody else is held up, as libpq itself would
                unsent = select.POLLOUT if self._libpq.flush() else 0
                self._poll.register(self._libpq.socket, select.POLLIN | unsent)
                self._poll.poll()
                self._libpq.consume_input()
            if (result := self._libpq.get_result()) is None:
                if self._libpq.status == pq.ConnStatus.BAD:
                    raise psycopg.OperationalError("the connection is lost")
            elif result.status == pq.ExecStatus.PIPELINE_SYNC:
                return
            else:
                self._results.append(result)


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


def _named(connection: psycopg.Connection[Any], sql: str) -> bytes:
    """Return the name of a statement, which it gets when it is first asked."""
    names = _names.setdefault(connection, {})
    name = names.get(sql)
    if name is None:
        name = b"skyll_%d" % next(_numbers)
        _right(connection.pgconn.prepare(name, numbered(sql)))
        names[sql] = name
    return name


def _written(values: Sequence[Any]) -> list[bytes]:
    return [_writing(type(one))(one) for one in values]  # type: ignore[arg-type]


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


def _loaded(connection: psycopg.Connection[Any], result: pq.abc.PGresult) -> Rows:
    loaded = Transformer(connection)
    loaded.set_pgresult(result)
    return loaded.load_rows(0, result.ntuples, tuple)
