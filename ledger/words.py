"""What goes into the books and what comes back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class NewFill:
    """One reported execution, translated and resolved as far as it can be.

    price, fees   exact to 1e-9 points and 1e-6 of the contract's currency; finer is a ValueError
    contract_id   None while the instrument is unknown
    """

    account_id: int
    exec_id: str
    leg_index: int
    ref_exec_id: str | None
    action: str
    kind: str
    synthetic: bool
    instrument_id: str
    contract_id: int | None
    is_option: bool
    side: int
    quantity: int
    price: Decimal
    executed_ns: int
    received_ns: int
    fees: Decimal | None
    position_effect: str | None


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a batch did to the books.

    conflicts   rows whose identity is stored (or stands earlier in the batch) with other facts
    waiting     new rows that cannot be used yet
    trades      trades made, changed or unmade
    """

    new: int = 0
    duplicate: int = 0
    conflicts: tuple[NewFill, ...] = ()
    waiting: int = 0
    trades: int = 0


BEGINNING_NS = -(2**63)


class Place(NamedTuple):
    """A point in the order of one account and contract; fills at and after it are read anew."""

    account_id: int
    contract_id: int
    executed_ns: int = BEGINNING_NS
    received_ns: int = BEGINNING_NS
    exec_id: str = ""
    leg_index: int = 0


def earliest(places: Iterable[Place]) -> list[Place]:
    """Return the earliest place of each account and contract, in order."""
    first: dict[tuple[int, int], Place] = {}
    for place in places:
        key = place[:2]
        if key not in first or place < first[key]:
            first[key] = place
    return sorted(first.values())
