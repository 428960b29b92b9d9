"""What the matching reads and what it answers, as columns of equal length."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, TypeAlias

import numpy.typing as npt

# int64, or Python ints in an object array where a figure does not fit in 64 bits
Column: TypeAlias = npt.NDArray[Any]


@dataclass(frozen=True, slots=True, eq=False)
class Fills:
    """Executions in the order (group, time), five columns of shape (fills,).

    group   one number per (account, contract): dense, ascending from 0
    signed  contracts, + bought, - sold, never 0
    price   nanopoints (1e-9 points), may be negative
    fees    micro units (1e-6) of the contract's currency, may be negative (rebates)
    day     UTC days since 1970 of the execution, never falling inside a group
    """

    group: Column
    signed: Column
    price: Column
    fees: Column
    day: Column

    def __len__(self) -> int:
        return len(self.signed)

    def rows(self, start: int, stop: int) -> Fills:
        """Return the rows [start, stop) as views; groups keep their numbers."""
        return Fills(*(getattr(self, f.name)[start:stop] for f in fields(self)))


@dataclass(frozen=True, slots=True, eq=False)
class Cycles:
    """One row per flat-to-flat cycle, open remainders included, in group then time order.

    group            as in the fills
    first, last      rows of the fills; a fill that crosses zero is last of one, first of the next
    used_first       contracts of the first row that belong to the cycle before, mostly 0
    used_last        contracts of the last row that belong to this cycle
    side             +1 or -1, the side of the opening fill
    closed           bool; False only for the last cycle of a group
    quantity         contracts opened
    closed_quantity  contracts closed again; equals quantity when closed
    max_position     largest absolute position, contracts
    entry_points     sum of opened contracts x price, nanopoints
    exit_points      sum of closed contracts x price, nanopoints
    open_points      cost of the lots still open, first in first out, nanopoints; 0 when closed
    gross_points     realised, first in first out: contracts x (exit - entry) x side, nanopoints
    fees             micro units of the contract's currency
    fill_count       fills that the cycle holds a part of
    """

    group: Column
    first: Column
    last: Column
    used_first: Column
    used_last: Column
    side: Column
    closed: Column
    quantity: Column
    closed_quantity: Column
    max_position: Column
    entry_points: Column
    exit_points: Column
    open_points: Column
    gross_points: Column
    fees: Column
    fill_count: Column

    def __len__(self) -> int:
        return len(self.first)


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """One row per cycle and UTC day on which the cycle had a fill, in cycle then day order.

    cycle         row of the cycles
    day           UTC days since 1970
    gross_points  what the fills of that day realised, nanopoints x contracts
    fees          micro units of the contract's currency
    fill_count    fills of that day that the cycle holds a part of
    """

    cycle: Column
    day: Column
    gross_points: Column
    fees: Column
    fill_count: Column

    def __len__(self) -> int:
        return len(self.cycle)


@dataclass(frozen=True, slots=True, eq=False)
class Matched:
    """The cycles, and their parts by day; over each cycle the parts sum to its own figures."""

    cycles: Cycles
    parts: Parts
