"""A slow obvious heir: who holds what of all that was ever reported, worked out from nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from calc.identity import trade_id

FOREVER = float("inf")


@dataclass(frozen=True)
class Cycle:
    """A trade, or a position that is still open, with the fills that it holds a part of."""

    id: UUID
    opened: tuple
    fills: frozenset[str]
    is_closed: bool


@dataclass
class Writing:
    """What is written about one trade."""

    tags: set[int] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)
    images: set = field(default_factory=set)
    comments: set = field(default_factory=set)
    entries: set = field(default_factory=set)

    def join(self, other: Writing) -> None:
        self.tags |= other.tags
        self.notes += other.notes
        self.images |= other.images
        self.comments |= other.comments
        self.entries |= other.entries

    def __bool__(self) -> bool:
        return any(vars(self).values())


def root_of(exec_id: str, rows: dict) -> str:
    while exec_id in rows and rows[exec_id].ref_exec_id:
        exec_id = rows[exec_id].ref_exec_id
    return exec_id


def standing(rows: dict) -> list[str]:
    """Return the executions that count: of each chain its last correction, of a busted one none."""
    chains: dict[str, list] = {}
    for exec_id in rows:
        chains.setdefault(root_of(exec_id, rows), []).append(rows[exec_id])
    kept = []
    for chain in chains.values():
        if any(row.action == "cancel" for row in chain):
            continue
        fixes = [row for row in chain if row.action == "correct"]
        last = max(fixes, key=lambda row: (row.received_ns, row.exec_id)) if fixes else chain[0]
        kept.append(last.exec_id)
    return kept


def cycles(rows: dict, contracts: dict[str, object], account) -> list[Cycle]:
    """Walk what stands, contract by contract; `contracts` has those of the fills that are known."""
    found = []
    usable = [rows[exec_id] for exec_id in standing(rows) if contracts.get(exec_id)]
    for contract in {contracts[row.exec_id] for row in usable}:
        own = [row for row in usable if contracts[row.exec_id] == contract]
        position, held = 0, []
        for row in sorted(own, key=lambda one: (one.executed_ns, one.received_ns, one.exec_id)):
            before, position = position, position + row.side * row.quantity
            held.append(row)
            if before and before * position <= 0:
                found.append(_cycle(held, contract, account, rows, closed=True))
                held = [row] if position else []
        if held:
            found.append(_cycle(held, contract, account, rows, closed=False))
    return found


def _cycle(held, contract, account, rows, *, closed: bool) -> Cycle:
    first = held[0]
    number = trade_id(
        account.platform.code, account.environment, account.account, contract.name,
        root_of(first.exec_id, rows), 0,
    )  # fmt: skip
    opened = (first.executed_ns, first.received_ns if closed else FOREVER, first.exec_id)
    return Cycle(
        number,
        opened if closed else (*opened[:2], ""),
        frozenset(row.exec_id for row in held),
        closed,
    )


def heir(gone: Cycle, now: list[Cycle], rows: dict) -> UUID | None:
    """Return the cycle that holds most of the fills of one that is gone."""
    roots = {root_of(exec_id, rows) for exec_id in gone.fills}

    def share(cycle: Cycle) -> int:
        return sum(root_of(exec_id, rows) in roots for exec_id in cycle.fills)

    holding = [cycle for cycle in now if share(cycle)]
    if not holding:
        return None
    return min(holding, key=lambda one: (-share(one), one.opened, one.id)).id
