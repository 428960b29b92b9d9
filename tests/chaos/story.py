"""What a provider has to tell, and what of it counts: plain rows, no tables, no mercy.

Executions of one and of several legs, echoes, corrections of corrections, busts that come before
what they bust, options, instruments that nobody knows yet; many at one and the same nanosecond.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, NamedTuple

from calc.identity import trade_id
from futures.models import Contract
from ledger.words import NewFill
from tests.journal.succession_twin import FOREVER, Cycle
from tests.ledger.conftest import NS, ns
from traders.models import PlatformAccount

START = ns("2026-03-02 12:00:00")
STEP = 1800 * NS  # many equal stamps, and midnights in the middle
UNKNOWN = "i-unknown"
DAY = 86_400 * NS


class Key(NamedTuple):
    account_id: int
    exec_id: str
    leg_index: int


class Drawn(NamedTuple):
    """One execution as chance has it."""

    account: int
    place: str  # a contract by its name here; "new" is an instrument nobody knows yet
    side: int
    quantity: int
    quarters: int
    step: int
    later: int  # nanoseconds of receipt after the stamp
    fees: str | None


@dataclass
class Story:
    """What the provider told so far (`told`), and what it has not delivered yet (`coming`)."""

    accounts: list[PlatformAccount]
    contracts: dict[str, Contract]
    coming: list[NewFill] = field(default_factory=list)
    told: dict[Key, NewFill] = field(default_factory=dict)
    executions: dict[tuple[int, str], list[NewFill]] = field(default_factory=dict)
    ghosts: list[tuple[int, str]] = field(default_factory=list)  # named, and not executed yet
    known: set[str] = field(default_factory=set)  # instruments that were found out
    priced: set[str] = field(default_factory=set)  # contracts whose point value came later
    _number: int = 0

    # -- what happens at the exchange ------------------------------------------------------------
    def execute(self, drawn: Drawn, *, as_ghost: bool = False, **given: Any) -> None:
        """Execute; `as_ghost`: it is one that a correction or bust has named already."""
        account_id, exec_id = self.accounts[drawn.account].pk, self._next()
        if as_ghost and self.ghosts:
            account_id, exec_id = self.ghosts.pop()
        self._report(self._row(drawn, account_id, exec_id, **given))

    def spread(self, drawn: Drawn, *, is_told_whole: bool) -> None:
        """Trade two months against each other; the summary of both is a row of its own."""
        account_id = self.accounts[drawn.account].pk
        near = self._row(drawn._replace(place="es"), account_id, self._next(), kind="leg")
        far = self._row(
            drawn._replace(place="jun", side=-drawn.side), account_id, near.exec_id, kind="leg"
        )
        self._report(near, replace(far, leg_index=1))
        if is_told_whole:
            whole = replace(near, exec_id=self._next(), kind="spread", contract_id=None)
            self._report(whole)

    def correct(self, pick: int, drawn: Drawn) -> None:
        """Correct any execution, corrections too; all its legs, each as it should have been."""
        wrong = self.executions[self._named(pick)]
        exec_id = self._next()
        self._report(
            *(
                replace(
                    row, exec_id=exec_id, action="correct", ref_exec_id=wrong[0].exec_id,
                    side=drawn.side * (-1) ** row.leg_index, quantity=drawn.quantity,
                    received_ns=row.executed_ns + drawn.later,
                )
                for row in wrong
                if row.action != "cancel"
            )
        )  # fmt: skip

    def bust(self, pick: int, drawn: Drawn) -> None:
        busted = self.executions[self._named(pick)][0]
        self._report(
            replace(
                busted, exec_id=self._next(), action="cancel", ref_exec_id=busted.exec_id,
                leg_index=0, received_ns=busted.executed_ns + drawn.later,
            )
        )  # fmt: skip

    def name_a_ghost(self, drawn: Drawn, action: str) -> None:
        """Correct or bust what nobody has executed yet, and perhaps nobody will."""
        account_id, ghost = self.accounts[drawn.account].pk, self._next()
        self.ghosts.append((account_id, ghost))
        self._report(self._row(drawn, account_id, self._next(), action=action, ref_exec_id=ghost))

    def _next(self) -> str:
        self._number += 1
        return f"e{self._number:03}"

    def _named(self, pick: int) -> tuple[int, str]:
        names = list(self.executions)
        return names[pick % len(names)]

    def _row(self, drawn: Drawn, account_id: int, exec_id: str, **given: Any) -> NewFill:
        contract = self.contracts.get(drawn.place)
        stamp = START + drawn.step * STEP
        words = {
            "account_id": account_id, "exec_id": exec_id, "leg_index": 0, "ref_exec_id": None,
            "action": "new", "kind": "outright", "synthetic": False,
            "instrument_id": contract.name if contract else UNKNOWN,
            "contract_id": contract.pk if contract else None, "is_option": False,
            "side": drawn.side, "quantity": drawn.quantity,
            "price": Decimal(100) + Decimal(drawn.quarters) / 4, "executed_ns": stamp,
            "received_ns": stamp + drawn.later,
            "fees": None if drawn.fees is None else Decimal(drawn.fees), "position_effect": None,
        }  # fmt: skip
        return NewFill(**{**words, **given})

    def _report(self, *rows: NewFill) -> None:
        if rows:
            self.executions[rows[0].account_id, rows[0].exec_id] = list(rows)
            self.coming += rows

    # -- what the books know ---------------------------------------------------------------------
    def as_known(self, row: NewFill) -> NewFill:
        """Return a row as it is translated today."""
        if row.contract_id is None and row.instrument_id in self.known:
            return replace(row, contract_id=self.contracts["found"].pk)
        return row

    def delivered(self, rows: Iterable[NewFill]) -> None:
        for row in rows:
            self.told.setdefault(Key(row.account_id, row.exec_id, row.leg_index), row)

    # -- the twin --------------------------------------------------------------------------------
    def root(self, key: Key) -> Key:
        """Return the first execution of the chain of a row."""
        refs = self._refs()
        return Key(*_first(refs, key[:2]), key.leg_index)

    def counting(self) -> dict[Key, NewFill]:
        """Return the rows that count, each in its contract."""
        refs = self._refs()
        chains: dict[tuple[int, str], list[NewFill]] = defaultdict(list)
        for row in self.told.values():
            chains[_first(refs, (row.account_id, row.exec_id))].append(row)
        found = {}
        for chain in chains.values():
            if any(row.action == "cancel" for row in chain):
                continue
            fixes = [(row.received_ns, row.exec_id) for row in chain if row.action == "correct"]
            standing = max(fixes)[1] if fixes else None
            for row in chain:
                if standing in (None, row.exec_id) and self._is_usable(row):
                    found[Key(row.account_id, row.exec_id, row.leg_index)] = self.as_known(row)
        return found

    def cycles(self) -> list[Cycle]:
        """Walk what counts, contract by contract, from flat to flat or over zero."""
        accounts = {account.pk: account for account in self.accounts}
        names = {contract.pk: contract.name for contract in self.contracts.values()}
        places: dict[tuple[int, int], list[tuple[Key, NewFill]]] = defaultdict(list)
        for key, row in self.counting().items():
            places[row.account_id, row.contract_id or 0].append((key, row))
        refs, found = self._refs(), []
        for (account_id, contract_id), own in places.items():
            account = accounts[account_id]
            own.sort(key=lambda pair: (pair[1].executed_ns, pair[1].received_ns, *pair[0][1:]))
            position, held = 0, []
            for key, row in own:
                before, position = position, position + row.side * row.quantity
                held.append((key, row))
                is_over = bool(before) and before * position <= 0
                if is_over:
                    found.append((held, True, account, names[contract_id]))
                    held = [(key, row)] if position else []
            if held:
                found.append((held, False, account, names[contract_id]))
        return [self._cycle(refs, *one) for one in found]

    def _cycle(self, refs: Mapping, held: list, is_closed: bool, account, contract: str) -> Cycle:
        key, first = held[0]
        number = trade_id(
            account.platform.code, account.environment, account.account, contract,
            _first(refs, key[:2])[1], key.leg_index,
        )  # fmt: skip
        opened: tuple = (first.executed_ns, FOREVER, "", 0)
        if is_closed:
            opened = (first.executed_ns, first.received_ns, *key[1:])
        return Cycle(number, opened, frozenset(key for key, _ in held), is_closed)

    def _is_usable(self, row: NewFill) -> bool:
        if row.action == "cancel" or row.synthetic or row.is_option or row.kind == "spread":
            return False
        if row.contract_id == self.contracts["dark"].pk:
            return "dark" in self.priced
        return row.contract_id is not None or row.instrument_id in self.known

    def _refs(self) -> dict[tuple[int, str], tuple[int, str]]:
        return {
            (row.account_id, row.exec_id): (row.account_id, row.ref_exec_id)
            for row in self.told.values()
            if row.ref_exec_id
        }


def _first(refs: Mapping, name: tuple[int, str]) -> tuple[int, str]:
    while name in refs:
        name = refs[name]
    return name
