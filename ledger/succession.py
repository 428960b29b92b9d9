"""Who follows a trade that the books no longer hold: the one that has most of its fills now.

Late, corrected and busted fills make trades anew. A trade keeps its id as long as the fill that
opened it does; else what is kept about it elsewhere needs to know where its fills went. Rooms above
register themselves as followers and are told in the transaction of the change.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from common.fields import MONEY_PLACES, PRICE_PLACES, from_scaled


class FillKey(NamedTuple):
    """The identity of a stored fill."""

    account_id: int
    exec_id: str
    leg_index: int


# Asked when it matters: the fills that a change touched, and whether they counted before it. All
# others count now as they did.
Before = Callable[[], Mapping[FillKey, bool]]


class Gone(NamedTuple):
    """A trade that is no more, as it was: columns of `ledger_trade`, scaled."""

    id: UUID
    account_id: int
    contract_id: int
    side: int
    quantity: int
    entry_price: int
    exit_price: int | None
    opened_ns: int
    opened_received_ns: int
    opened_exec_id: str
    opened_leg_index: int
    closed_ns: int
    closed_received_ns: int
    closed_exec_id: str
    closed_leg_index: int
    pnl_usd: int | None
    fill_count: int | None = None  # of a position: its last so many fills; a trade's are all there


Heirs = Callable[[Sequence[Gone]], Mapping[UUID, UUID]]


@dataclass(frozen=True, slots=True)
class Vanished:
    """A trade, or a position that was open, as it was last; without an exit in that case.

    heir_id  the trade, or the open position by the id of its trade to be, that holds most of its
             fills now, a tie: that was opened first; None where none of them counts any more
    """

    trade_id: UUID
    account_id: int
    contract_id: int
    side: int
    quantity: int
    entry_price: Decimal
    exit_price: Decimal | None
    opened_ns: int
    closed_ns: int | None
    pnl_usd: Decimal | None
    heir_id: UUID | None


@dataclass(frozen=True, slots=True)
class Follower:
    """A room that keeps something by the ids of trades.

    cares   of which of these it keeps anything; accounts and ids of trades
    follow  lets it go where it belongs
    """

    cares: Callable[[Collection[int], Collection[UUID]], Collection[UUID]]
    follow: Callable[[Sequence[Vanished]], None]


_followers: list[Follower] = []


def register(follower: Follower) -> None:
    """Have a room told of trades that vanish; once per process."""
    if follower not in _followers:
        _followers.append(follower)


def positions_gone(before: Iterable[tuple[Any, ...]], held: Collection[UUID]) -> list[Gone]:
    """Return the open positions that went with the ids of their trades.

    before  rows of `ledger_position` as they were
    held    ids of the trades and positions that the fold made
    """
    last = 2**63 - 1
    return [
        Gone(
            trade_id, account, contract, 1 if quantity > 0 else -1, abs(quantity), price, None,
            opened_ns, -last - 1, "", 0, last_ns, last, "", 0, None, fill_count,
        )
        for account, contract, quantity, price, opened_ns, trade_id, _, _, fill_count, last_ns
        in before
        if trade_id is not None and trade_id not in held
    ]  # fmt: skip


def settle(gone: Sequence[Gone], before: Before = dict, *, heirs: Heirs | None = None) -> None:
    """Tell the followers of what is gone, and where its fills are now.

    Nothing where nothing is gone; a query a follower where nobody keeps anything about it; else
    one more, and what the followers do.

    heirs  says what stands in the place of what is gone, where no fills tell it
    """
    if not gone:
        return
    accounts = {one.account_id for one in gone}
    for follower in _followers:
        kept = follower.cares(accounts, [one.id for one in gone])
        theirs = [one for one in gone if one.id in set(kept)]
        if theirs:
            follower.follow(_vanished(theirs, heirs or (lambda ours: _heirs(ours, before))))


def _vanished(gone: Sequence[Gone], heirs_of: Heirs) -> list[Vanished]:
    """Return what is gone in the order in which it was opened, each with its heir."""
    ordered = sorted(gone, key=lambda one: (one.account_id, one[7:11]))
    heirs = heirs_of(ordered)
    return [
        Vanished(
            trade_id=one.id,
            account_id=one.account_id,
            contract_id=one.contract_id,
            side=one.side,
            quantity=one.quantity,
            entry_price=from_scaled(one.entry_price, PRICE_PLACES),
            exit_price=_scaled(one.exit_price, PRICE_PLACES),
            opened_ns=one.opened_ns,
            closed_ns=one.closed_ns if one.fill_count is None else None,
            pnl_usd=_scaled(one.pnl_usd, MONEY_PLACES),
            heir_id=heirs.get(one.id),
        )
        for one in ordered
    ]


def _scaled(value: int | None, places: int) -> Decimal | None:
    return None if value is None else from_scaled(value, places)


# old    the fills that counted in what is gone
# now    the fills that stand for them: themselves, or the correction of their chain
# holds  the cycles that hold these; a fill that crossed zero is held by two
_HEIRS = """
WITH gone AS (
    SELECT * FROM unnest(%s::uuid[], %s::bigint[], %s::bigint[],
        %s::bigint[], %s::bigint[], %s::text[], %s::int[],
        %s::bigint[], %s::bigint[], %s::text[], %s::int[], %s::bigint[])
    AS g (id, account_id, contract_id, opened_ns, opened_received_ns, opened_exec_id,
        opened_leg_index, closed_ns, closed_received_ns, closed_exec_id, closed_leg_index,
        fill_count)
), touched AS (
    SELECT * FROM unnest(%s::bigint[], %s::text[], %s::int[], %s::bool[])
    AS b (account_id, exec_id, leg_index, counted)
), old AS (
    SELECT g.id, f.account_id, f.exec_id, f.leg_index, f.root_exec_id, f.state
    FROM gone g CROSS JOIN LATERAL (
        SELECT f.account_id, f.exec_id, f.leg_index, f.root_exec_id, f.state
        FROM ledger_fill f LEFT JOIN touched b ON b.account_id = f.account_id
            AND b.exec_id COLLATE "C" = f.exec_id AND b.leg_index = f.leg_index
        WHERE f.account_id = g.account_id AND f.contract_id = g.contract_id
            AND f.executed_ns BETWEEN g.opened_ns AND g.closed_ns
            AND (f.executed_ns, f.received_ns, f.exec_id, f.leg_index)
                >= (g.opened_ns, g.opened_received_ns, g.opened_exec_id COLLATE "C",
                    g.opened_leg_index)
            AND (f.executed_ns, f.received_ns, f.exec_id, f.leg_index)
                <= (g.closed_ns, g.closed_received_ns, g.closed_exec_id COLLATE "C",
                    g.closed_leg_index)
            AND coalesce(b.counted, f.state = 'usable')
        ORDER BY f.executed_ns DESC, f.received_ns DESC, f.exec_id DESC, f.leg_index DESC
        LIMIT g.fill_count
    ) f
), now AS (
    SELECT DISTINCT o.id, n.* FROM old o CROSS JOIN LATERAL (
        SELECT f.account_id, f.contract_id, f.executed_ns, f.received_ns, f.exec_id, f.leg_index,
            f.quantity
        FROM ledger_fill f
        WHERE f.account_id = o.account_id AND f.leg_index = o.leg_index AND f.state = 'usable'
            AND f.exec_id = CASE WHEN o.state = 'usable' THEN o.exec_id ELSE o.root_exec_id END
        UNION ALL
        SELECT f.account_id, f.contract_id, f.executed_ns, f.received_ns, f.exec_id, f.leg_index,
            f.quantity
        FROM ledger_fill f
        WHERE o.state <> 'usable' AND f.account_id = o.account_id AND f.ref_exec_id IS NOT NULL
            AND f.root_exec_id = o.root_exec_id AND f.leg_index = o.leg_index
            AND f.state = 'usable'
    ) n
), holds AS (
    SELECT n.id, c.* FROM now n CROSS JOIN LATERAL (
        SELECT t.id AS heir_id, t.opened_ns, t.opened_received_ns, t.opened_exec_id,
            t.opened_leg_index
        FROM (
            SELECT * FROM ledger_trade t
            WHERE t.account_id = n.account_id AND t.contract_id = n.contract_id AND NOT t.is_copied
                AND t.closed_ns >= n.executed_ns
                AND (t.closed_ns, t.closed_received_ns, t.closed_exec_id, t.closed_leg_index)
                    >= (n.executed_ns, n.received_ns, n.exec_id, n.leg_index)
            ORDER BY t.closed_ns, t.closed_received_ns, t.closed_exec_id, t.closed_leg_index
            LIMIT 2
        ) t
        WHERE (t.opened_ns, t.opened_received_ns, t.opened_exec_id, t.opened_leg_index)
            <= (n.executed_ns, n.received_ns, n.exec_id, n.leg_index)
        UNION ALL
        SELECT p.trade_id, p.opened_ns, 9223372036854775807, '', 0 FROM ledger_position p
        WHERE p.account_id = n.account_id AND p.contract_id = n.contract_id
            AND p.trade_id IS NOT NULL AND NOT EXISTS (
                SELECT FROM ledger_trade t
                WHERE t.account_id = n.account_id AND t.contract_id = n.contract_id
                    AND NOT t.is_copied AND t.closed_ns >= n.executed_ns
                    AND (t.closed_ns, t.closed_received_ns, t.closed_exec_id, t.closed_leg_index,
                            t.closed_used)
                        >= (n.executed_ns, n.received_ns, n.exec_id, n.leg_index, n.quantity)
            )
    ) c
)
SELECT DISTINCT ON (id) id, heir_id FROM holds
GROUP BY id, heir_id, opened_ns, opened_received_ns, opened_exec_id, opened_leg_index
ORDER BY id, count(*) DESC, opened_ns, opened_received_ns, opened_exec_id COLLATE "C",
    opened_leg_index, heir_id"""


def _heirs(gone: Sequence[Gone], before: Before) -> dict[UUID, UUID]:
    """Return the heir of each of these that has one. 1 query."""
    columns = [
        list(column)
        for column in zip(*((*one[:3], *one[7:15], one.fill_count) for one in gone), strict=True)
    ]
    accounts = {one.account_id for one in gone}
    touched = [(*key, counted) for key, counted in before().items() if key.account_id in accounts]
    keys = [list(column) for column in zip(*touched, strict=True)] if touched else [[]] * 4
    with connection.cursor() as cursor:
        cursor.execute(_HEIRS, [*columns, *keys])
        return dict(cursor.fetchall())
