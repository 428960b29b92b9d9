"""Whether a kept connection still lives is told by its socket; only after a rest is it asked.

A server that stops or is restarted closes the sockets of its sessions, and says why before: an
idle connection with something to read is no longer what it was. Django would ask `SELECT 1` at the
beginning of each request instead, a third of all that a kept answer takes of PostgreSQL.

What every request asks in the same words is planned once for each connection: `prepared_cursor`.
"""

from __future__ import annotations

import select
import time
from typing import Any

from django.db import Error
from django.db.backends.postgresql import base
from django.db.backends.utils import CursorWrapper

from common import way
from common.postgres.raw import RawCursor, goes_raw

_PREPARED = "prepared"
NEVER_BY_ITSELF = 2**31 - 1  # times that a statement is asked before it is prepared unasked
REST_SECONDS = 10.0  # after so long without a request a network may have lost it silently


class PreparedCursor(base.ServerBindingCursor):
    """Sends values apart from the SQL, which PostgreSQL parses and plans once a connection.

    The first statement of a transaction: the driver begins it.

    The stubs do not know its bases.
    """

    def execute(self, query: Any, params: Any = None) -> Any:
        return super().execute(query, params, prepare=True)  # type: ignore[misc]


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

    def get_connection_params(self) -> dict[str, Any]:
        return {**super().get_connection_params(), "prepare_threshold": NEVER_BY_ITSELF}

    def create_cursor(self, name: str | None = None) -> Any:
        if name != _PREPARED:
            way.left()
            return super().create_cursor(name)
        if goes_raw(self.connection):
            return RawCursor(self.connection)
        return PreparedCursor(self.connection)  # type: ignore[call-arg]

    def _is_quiet(self) -> bool:
        """Say whether nothing waits to be read: no farewell, and no end. One system call."""
        try:
            poll = select.poll()
            poll.register(self.connection.fileno(), select.POLLIN)
            return not poll.poll(0)
        except (OSError, ValueError, Error):
            return False
