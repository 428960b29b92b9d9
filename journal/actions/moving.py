"""What was written about one trade goes to another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from django.db import connection, transaction

from accounts.access import OwnJournal
from common.api import Invalid
from journal.actions.own_trades import hold
from journal.actions.tagging import bump
from journal.models import Detached
from journal.queries.detached import standing
from ledger.closed import UnknownTrade


class Move(NamedTuple):
    """From a trade that is gone to another one, which may be of another account."""

    account_id: int
    old: UUID
    new_account_id: int
    new: UUID


_MOVES = (
    "unnest(%s::bigint[], %s::uuid[], %s::bigint[], %s::uuid[]) WITH ORDINALITY "
    "AS m (account_id, old, new_account_id, new, n)"
)
_OLD = "x.account_id = m.account_id AND x.trade_id = m.old"
# In this order: what may stand there already is joined, and the old taken away; the rest moves.
_STEPS = """
INSERT INTO journal_tradetag (account_id, trade_id, tag_id, tagged_at)
SELECT m.new_account_id, m.new, x.tag_id, x.tagged_at FROM <moves>
JOIN journal_tradetag x ON <old> ORDER BY m.n ON CONFLICT DO NOTHING;

DELETE FROM journal_tradetag x USING <moves> WHERE <old>;

INSERT INTO journal_tradenote AS t (account_id, trade_id, text, updated_at)
SELECT m.new_account_id, m.new, string_agg(x.text, E'\\n\\n' ORDER BY m.n), max(x.updated_at)
FROM <moves> JOIN journal_tradenote x ON <old> GROUP BY 1, 2
ON CONFLICT (account_id, trade_id) DO UPDATE
SET text = t.text || E'\\n\\n' || excluded.text,
    updated_at = greatest(t.updated_at, excluded.updated_at);

DELETE FROM journal_tradenote x USING <moves> WHERE <old>;

UPDATE journal_image x SET account_id = m.new_account_id, trade_id = m.new FROM <moves> WHERE <old>;

UPDATE journal_comment x SET account_id = m.new_account_id, trade_id = m.new
FROM <moves> WHERE <old>;

INSERT INTO journal_entrytrade (entry_id, account_id, trade_id)
SELECT x.entry_id, m.new_account_id, m.new FROM <moves>
JOIN journal_entrytrade x ON <old> ORDER BY m.n ON CONFLICT DO NOTHING;

DELETE FROM journal_entrytrade x USING <moves> WHERE <old>;

INSERT INTO journal_followed (account_id, old_trade_id, new_trade_id, at)
SELECT m.account_id, m.old, m.new, now() FROM <moves> ORDER BY m.n;

DELETE FROM journal_detached x USING <moves> WHERE <old>"""


def move(moves: Sequence[Move]) -> None:
    """Let what was written about trades go to others; nothing is lost where both have something.

    Tags are joined, notes put one below the other, the rest moves. The caller holds the accounts.
    Eleven statements, however much there is.
    """
    columns = [list(column) for column in zip(*moves, strict=True)]
    with connection.cursor() as cursor:
        for step in _STEPS.replace("<moves>", _MOVES).replace("<old>", _OLD).split(";"):
            cursor.execute(step, columns)
    bump({account for one in moves for account in (one.account_id, one.new_account_id)})


@transaction.atomic
def attach(*, journal: OwnJournal, detached_id: UUID, trade_id: UUID) -> None:
    """Let what is detached go to a trade of the trader's choice."""
    accounts = hold([trade_id], accounts=journal.accounts)
    row: Detached | None = standing(journal.accounts).filter(trade_id=detached_id).first()
    if row is None:
        raise UnknownTrade
    if trade_id not in accounts:
        raise Invalid("trade", f"There is no trade {trade_id} among yours")
    move([Move(row.account_id, detached_id, accounts[trade_id], trade_id)])
