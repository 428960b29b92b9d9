"""Whether a kept connection still lives is told by its socket; only after a rest is it asked.

A server that stops or is restarted closes the sockets of its sessions, and says why before: an
idle connection with something to read is no longer what it was. Django would ask `SELECT 1` at the
beginning of each request instead, a third of all that a kept answer takes of PostgreSQL.

What every request asks in the same words is planned once for each connection: `prepared_cursor`.
"""

from __future__ import annotations

import select
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import Error
from django.db.backends.postgresql import base
from django.db.backends.utils import CursorWrapper

from common import way
from common.postgres.raw import OUTDATED, RawCursor, Rows, Trip, goes_raw

Questions = Sequence[tuple[str, Sequence[Any]]]  # SQL with %s, and its values
_PREPARED = "prepared"
REST_SECONDS = 10.0  # after so long without a request a network may have lost it silently


class DatabaseWrapper(base.DatabaseWrapper):
    health_check_enabled: bool
    health_check_done: bool
    _seen_at = 0.0  # monotonic, when it was last found alive

    def close_if_health_check_failed(self) -> None:
        if self.connection is None or not self.health_check_enabled or self.health_check_done:
            return
        if time.monotonic() - self._seen_at < REST_SECONDS and self._is_quiet():
            self.health_check_done = True
        else:
            super().close_if_health_check_failed()
        self._seen_at = time.monotonic()

    def prepared_cursor(self, *, is_step: bool = False) -> CursorWrapper:
        """Return a cursor for one of the few statements that are asked again and again.

        is_step  its caller notes what it asks and finds (`common.way`)
        """
        if not is_step:
            way.left()
        cursor: CursorWrapper = self._cursor(_PREPARED)  # type: ignore[attr-defined]
        return cursor

    @contextmanager
    def asked_together(
        self, questions: Questions, *, is_step: bool = False
    ) -> Iterator[Callable[[], list[Rows]]]:
        """Send prepared questions; yield what fetches all that they find.

        What is done in between takes no time of its own.

        is_step  as of `prepared_cursor`
        """
        if not is_step:
            way.left()
        self.validate_thread_sharing()  # as each cursor does
        self.close_if_health_check_failed()
        self.ensure_connection()
        watched = self.queries_logged or self.execute_wrappers
        if watched or not goes_raw(self.connection):
            yield lambda: [self._one_by_one(*question) for question in questions]
            return
        with self.wrap_database_errors:
            trip = Trip(self.connection, questions)

            def fetch() -> list[Rows]:
                try:
                    return trip.fetch()
                except OUTDATED:
                    if not self.connection.autocommit:  # the transaction is lost with it
                        raise
                    return [self._one_by_one(*question) for question in questions]

            try:
                yield fetch
            finally:
                trip.end()

    def _one_by_one(self, sql: str, given: Sequence[Any]) -> Rows:
        with self.prepared_cursor(is_step=True) as cursor:
            cursor.execute(sql, given)
            return list(cursor.fetchall())

    def create_cursor(self, name: str | None = None) -> Any:
        if name != _PREPARED:
            way.left()
            return super().create_cursor(name)
        if goes_raw(self.connection):
            return RawCursor(self.connection)
        # Not prepared by the driver: with the first rollback it would DEALLOCATE ours as well.
        return base.ServerBindingCursor(self.connection)  # type: ignore[call-arg]

    def _is_quiet(self) -> bool:
        """Say whether nothing waits to be read: no farewell, and no end. One system call."""
        try:
            poll = select.poll()
            poll.register(self.connection.fileno(), select.POLLIN)
            return not poll.poll(0)
        except (OSError, ValueError, Error):
            return False
