"""Executions by an independent feed: kept apart, only their volumes are compared."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import connection, transaction


class NewSecond(NamedTuple):
    """An execution as the second feed tells it.

    identity  its execution id, or its content and occurrence; once for each account
    day       UTC day of execution; side +1 bought, -1 sold; quantity > 0
    """

    account_id: int
    identity: str
    contract_id: int
    day: date
    side: int
    quantity: int


_STAGE = (
    "unnest(%(account_id)s::bigint[], %(identity)s::text[], %(contract_id)s::bigint[], "
    "%(day)s::date[], %(side)s::smallint[], %(quantity)s::int[]) "
    "WITH ORDINALITY AS n (account_id, identity, contract_id, day, side, quantity, line)"
)
_STORE = f"""
INSERT INTO ledger_secondfill
    (account_id, identity, contract_id, day, side, quantity, source, stored_at)
SELECT account_id, identity, contract_id, day, side, quantity, %(source)s, %(at)s
FROM {_STAGE} ORDER BY account_id, identity
ON CONFLICT (account_id, identity) DO NOTHING
RETURNING account_id, day"""  # noqa: S608  constant text
_CONTRADICTING = f"""
SELECT n.line - 1 FROM {_STAGE}
JOIN ledger_secondfill s ON s.account_id = n.account_id AND s.identity = n.identity
WHERE (s.contract_id, s.day, s.side, s.quantity)
    IS DISTINCT FROM (n.contract_id, n.day, n.side, n.quantity)"""  # noqa: S608  constant text
# All that the account did since is looked at: the feed covers days now on which it tells nothing.
_DUE = """
INSERT INTO ledger_reconciledue (account_id, since)
SELECT n.account_id, least(n.day, (
    SELECT s.day FROM ledger_secondfill s
    WHERE s.account_id = n.account_id AND s.stored_at < %s ORDER BY s.day DESC LIMIT 1
))
FROM unnest(%s::bigint[], %s::date[]) AS n (account_id, day)"""


@transaction.atomic
def record_second_fills(
    fills: Sequence[NewSecond], *, source: str, at: datetime
) -> tuple[int, list[int]]:
    """Keep executions of the second feed, each once; their accounts are due to be checked.

    Returns how many are new, and the places of those that contradict what is kept. 2 or 3 queries.
    """
    if not fills:
        return 0, []
    columns = zip(NewSecond._fields, map(list, zip(*fills, strict=True)), strict=True)
    given: dict[str, Any] = {**dict(columns), "source": source, "at": at}
    with connection.cursor() as cursor:
        cursor.execute(_STORE, given)
        new = cursor.fetchall()
        first: dict[int, date] = {}
        for account, day in new:
            first[account] = min(day, first.get(account, day))
        if first:
            cursor.execute(_DUE, [at, list(first), list(first.values())])
        cursor.execute(_CONTRADICTING, given)
        return len(new), [line for (line,) in cursor.fetchall()]
