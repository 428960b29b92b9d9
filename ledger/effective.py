"""Which stored rows stand, after a batch: corrections, busts, spread summaries."""

from __future__ import annotations

from itertools import groupby
from typing import NamedTuple

from django.db import connection

from ledger.history.because import Cause
from ledger.models import Reason, State
from ledger.states import Link, settle_chain
from ledger.succession import FillKey
from ledger.words import Place

# Every row that is linked, in any number of steps, to a row of the batch. What was linked before
# the batch has one root, so no step has to be walked: a chain costs what its rows cost.
# near   the batch's linked rows, and what these name
# roots  those of the chains that they meet; also a root that has not been reported yet
_CHAINS = """
WITH batch AS MATERIALIZED (
    SELECT s.account_id, s.exec_id, s.ref_exec_id FROM staged_fill s
    WHERE s.ref_exec_id IS NOT NULL OR EXISTS (
        SELECT FROM ledger_fill f
        WHERE f.account_id = s.account_id AND f.ref_exec_id = s.exec_id)
), near (account_id, exec_id) AS MATERIALIZED (
    SELECT account_id, exec_id FROM batch
    UNION SELECT account_id, ref_exec_id FROM batch WHERE ref_exec_id IS NOT NULL
), roots (account_id, exec_id) AS MATERIALIZED (
    SELECT * FROM near
    UNION SELECT f.account_id, f.root_exec_id FROM near n
    JOIN ledger_fill f ON f.account_id = n.account_id AND f.exec_id = n.exec_id
    UNION SELECT f.account_id, f.root_exec_id FROM near n
    JOIN ledger_fill f ON f.account_id = n.account_id AND f.ref_exec_id = n.exec_id
), chain (account_id, exec_id) AS MATERIALIZED (
    SELECT * FROM roots
    UNION SELECT f.account_id, f.exec_id FROM roots r
    JOIN ledger_fill f ON f.account_id = r.account_id AND f.root_exec_id = r.exec_id
        AND f.ref_exec_id IS NOT NULL
)
SELECT f.account_id, f.exec_id, f.leg_index, f.ref_exec_id, f.action, f.received_ns
FROM chain c JOIN ledger_fill f ON f.account_id = c.account_id AND f.exec_id = c.exec_id
ORDER BY 1, 2, 3"""

_SETTLE = """
UPDATE ledger_fill f
SET root_exec_id = v.root, state = coalesce(v.state, f.state),
    reason = CASE WHEN v.state IS NULL THEN f.reason ELSE v.reason END
FROM unnest(%s::bigint[], %s::text[], %s::int[], %s::text[], %s::text[], %s::text[], %s::text[],
    %s::int[]) AS v (account_id, exec_id, leg_index, root, state, reason, by, by_leg)
JOIN ledger_fill o ON o.account_id = v.account_id AND o.exec_id = v.exec_id COLLATE "C"
    AND o.leg_index = v.leg_index
WHERE f.account_id = v.account_id AND f.exec_id = v.exec_id AND f.leg_index = v.leg_index
    AND (f.root_exec_id, f.state) IS DISTINCT FROM (v.root, coalesce(v.state, f.state))
RETURNING f.account_id, f.contract_id, f.executed_ns, f.received_ns, f.exec_id, f.leg_index,
    o.state = 'usable', v.by, v.by_leg, f.state"""

_SPREADS = """
UPDATE ledger_fill f SET state = %(excluded)s, reason = 'spread summary; its legs are reported'
FROM (
    SELECT DISTINCT account_id, executed_ns FROM staged_fill WHERE kind IN ('spread', 'leg')
) s
WHERE f.account_id = s.account_id AND f.executed_ns = s.executed_ns
    AND f.kind = 'spread' AND f.state = %(waiting)s
    AND EXISTS (
        SELECT FROM ledger_fill l
        WHERE l.account_id = f.account_id AND l.executed_ns = f.executed_ns AND l.kind = 'leg')"""


_REASONS = {State.VOID: Reason.BUST, State.REPLACED: Reason.CORRECTION}


class Settled(NamedTuple):
    """What the chains of a batch changed.

    places   where fills count that did not, or the other way
    counted  whether the fills there counted before
    causes   the busts and corrections of those that did
    """

    places: list[Place]
    counted: dict[FillKey, bool]
    causes: list[Cause]


NOTHING_SETTLED = Settled([], {}, [])


def settle_batch() -> Settled:
    """Settle the chains that the staged batch touches."""
    with connection.cursor() as cursor:
        cursor.execute(_SPREADS, {"excluded": State.EXCLUDED, "waiting": State.WAITING})
        cursor.execute(_CHAINS)
        links = [Link(*row) for row in cursor.fetchall()]
        if not links:
            return NOTHING_SETTLED
        rows = [
            (account_id, *key, verdict.root_exec_id, verdict.state, *verdict[2:])
            for account_id, chain in groupby(links, key=lambda link: link.account_id)
            for key, verdict in settle_chain(chain).items()
        ]
        cursor.execute(_SETTLE, [list(column) for column in zip(*rows, strict=True)])
        changed = cursor.fetchall()
    return Settled(
        [Place(*row[:6]) for row in changed if row[1] is not None],
        {FillKey(row[0], row[4], row[5]): row[6] for row in changed},
        [
            Cause._make((*row[:3], *row[7:9], _REASONS[row[9]]))
            for row in changed
            if row[1] is not None and row[6] and row[7] is not None
        ],
    )
