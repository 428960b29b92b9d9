"""A slow obvious heir: who holds what of all that was ever reported, worked out from nothing."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from accounts.access import OwnJournal
from calc.identity import trade_id
from journal import actions
from journal.models import Comment, EntryTrade, Image, TradeNote, TradeTag

FOREVER = float("inf")


@dataclass(frozen=True)
class Cycle:
    """A trade, or a position that is still open, with the fills that it holds a part of."""

    id: UUID
    opened: tuple
    fills: frozenset[Any]
    is_closed: bool


@dataclass
class Writing:
    """What is written about one trade."""

    tags: set[int] = field(default_factory=set)
    notes: list[str] = field(default_factory=list, compare=False)
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


def heir(gone: Cycle, now: list[Cycle], root: Callable[[Hashable], Hashable]) -> UUID | None:
    """Return the cycle that holds most of the fills of one that is gone.

    root  the first execution of the chain of a fill
    """
    roots = {root(fill) for fill in gone.fills}

    def share(cycle: Cycle) -> int:
        return sum(root(fill) in roots for fill in cycle.fills)

    holding = [cycle for cycle in now if share(cycle)]
    if not holding:
        return None
    return min(holding, key=lambda one: (-share(one), one.opened, one.id)).id


@dataclass
class Writer:
    """A trader who writes, and the twin's idea of what is written about which trade."""

    journal: OwnJournal
    at: datetime
    cycles: list[Cycle] = field(default_factory=list)
    writings: dict[UUID, Writing] = field(default_factory=dict)

    def follow(self, now: list[Cycle], root: Callable[[Hashable], Hashable]) -> None:
        """Let what is written go where the fills of its trades went."""
        held = {cycle.id for cycle in now}
        for gone in self.cycles:
            if gone.id in held or not self.writings.get(gone.id):
                continue
            if (new := heir(gone, now, root)) is not None:
                self.about(new).join(self.writings.pop(gone.id))
        self.cycles = now

    def about(self, number: UUID) -> Writing:
        return self.writings.setdefault(number, Writing())

    def closed(self) -> list[UUID]:
        return sorted(cycle.id for cycle in self.cycles if cycle.is_closed)

    def written_about(self) -> list[Cycle]:
        found = [cycle for cycle in self.cycles if self.writings.get(cycle.id)]
        return sorted(found, key=lambda cycle: cycle.id)

    def detached(self) -> set[UUID]:
        held = {cycle.id for cycle in self.cycles}
        return {number for number, written in self.writings.items() if written} - held

    def tag(self, number: UUID, tags: Iterable[int], *, anew: bool) -> None:
        given = {"journal": self.journal, "trade_id": number, "tag_ids": list(tags), "at": self.at}
        if anew:
            actions.set_tags(**given)
        else:
            actions.add_tags(**given, field="tags")
        written = self.about(number)
        written.tags = set(tags) if anew else written.tags | set(tags)

    def note(self, number: UUID, text: str) -> None:
        actions.write_note(journal=self.journal, trade_id=number, text=text, at=self.at)
        self.about(number).notes = [text] if text else []

    def agrees(self) -> None:
        """Assert that the tables say what the twin says."""
        assert stored() == {
            number: (written, sorted(written.notes))
            for number, written in self.writings.items() if written
        }  # fmt: skip


def stored() -> dict[UUID, tuple[Writing, list[str]]]:
    """Return what the tables hold about each trade; the order of joined notes does not count."""
    found: dict[UUID, Writing] = {}

    def about(number: UUID) -> Writing:
        return found.setdefault(number, Writing())

    for number, tag in TradeTag.objects.values_list("trade_id", "tag_id"):
        about(number).tags.add(tag)
    for number, text in TradeNote.objects.values_list("trade_id", "text"):
        about(number).notes = text.split("\n\n")
    for table, name in ((Image, "images"), (Comment, "comments")):
        for number, pk in table.objects.values_list("trade_id", "pk"):
            getattr(about(number), name).add(pk)
    for number, pk in EntryTrade.objects.values_list("trade_id", "entry_id"):
        about(number).entries.add(pk)
    return {number: (written, sorted(written.notes)) for number, written in found.items()}
