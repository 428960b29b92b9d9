"""One turn of the watch."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime

from django.db import InterfaceError, OperationalError, connection

from common import store
from skyll.metrics import gauges
from skyll.watch import keeping, outage
from skyll.watch.facts import Facts
from skyll.watch.rules import Rule

QUERY_SECONDS = 5  # a rule that takes longer is broken, and an alarm
KEPT_SECONDS = 3600


def turn(at: datetime, *, rules: Iterable[Rule] | None = None) -> bool:
    """Look at everything, open alarms and end them; False without a database. It never raises that.

    Two at once: the second does nothing.
    """
    with suppress(store.Down):
        store.ask(lambda redis: redis.set(_key(), at.isoformat(), ex=KEPT_SECONDS))
    try:
        facts = Facts(at)
        with connection.cursor() as cursor:
            cursor.execute(f"SET statement_timeout = '{QUERY_SECONDS}s'")
        try:
            found, unsaid = keeping.look(facts, rules)
            keeping.keep(found, unsaid=unsaid, at=at)
            outage.over(at)
            gauges.leave(facts)
        finally:
            with connection.cursor() as cursor:
                cursor.execute("RESET statement_timeout")
    except (OperationalError, InterfaceError):
        connection.close()
        outage.missed(at)
        return False
    return True


def last_at() -> datetime | None:
    """Return when the last turn began; None where nobody knows. store.Down without the store."""
    raw = store.ask(lambda redis: redis.get(_key()))
    return datetime.fromisoformat(raw.decode()) if raw else None


def _key() -> str:
    return store.key("watch", "turn")
