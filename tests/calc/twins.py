"""Slow obvious twins: one fill after the other, one lot after the other, Python ints only."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

from calc.matching import Fills, Matched


@dataclass
class Part:
    day: int
    gross: int = 0
    fees: int = 0
    fills: int = 0


@dataclass
class Cycle:
    group: int
    side: int
    first: int
    used_first: int
    last: int = -1
    used_last: int = 0
    closed: bool = False
    quantity: int = 0
    closed_quantity: int = 0
    max_position: int = 0
    entry: int = 0
    exit: int = 0
    lots: deque[tuple[int, int]] = field(default_factory=deque)
    parts: list[Part] = field(default_factory=list)

    def part(self, day: int) -> Part:
        if not self.parts or self.parts[-1].day != day:
            self.parts.append(Part(day))
        return self.parts[-1]


def half_even(numerator: int, denominator: int) -> int:
    """Round an exact quotient; Fraction's own rounding shares nothing with the kernel's."""
    return round(Fraction(numerator, denominator))


def lot_by_lot(rows, used=None) -> list[Cycle]:
    """Match rows of (group, signed, price, fees, day) with a queue of lots per group."""
    cycles: list[Cycle] = []
    current: Cycle | None = None
    position, group = 0, -1
    for row, (number, signed, price, fees, day) in enumerate(rows):
        left, left_fees, taken = abs(signed), fees, 0
        side = 1 if signed > 0 else -1
        if number != group:
            group, position, current = number, 0, None
            taken = int(used[number]) if used is not None else 0
            left_fees -= half_even(fees * taken, abs(signed))
            left -= taken
        if position * side < 0:
            assert current is not None
            closing = min(left, abs(position))
            share = half_even(left_fees * closing, left)
            _close(current, row, closing, price, share, day)
            position += side * closing
            left, left_fees, taken = left - closing, left_fees - share, taken + closing
        if left:
            if position == 0:
                current = Cycle(group, side, row, taken)
                cycles.append(current)
            assert current is not None
            position += side * left
            _open(current, row, left, price, left_fees, day, abs(position))
    return cycles


def _close(cycle, row, contracts, price, fees, day):
    part = cycle.part(day)
    part.fees += fees
    part.fills += 1
    cycle.last, cycle.used_last = row, contracts
    cycle.closed_quantity += contracts
    cycle.exit += contracts * price
    while contracts:
        quantity, cost = cycle.lots.popleft()
        taken = min(quantity, contracts)
        part.gross += taken * (price - cost) * cycle.side
        contracts -= taken
        if quantity > taken:
            cycle.lots.appendleft((quantity - taken, cost))
    cycle.closed = not cycle.lots


def _open(cycle, row, contracts, price, fees, day, position):
    part = cycle.part(day)
    part.fees += fees
    part.fills += 1
    cycle.last, cycle.used_last = row, contracts
    cycle.quantity += contracts
    cycle.entry += contracts * price
    cycle.max_position = max(cycle.max_position, position)
    cycle.lots.append((contracts, price))


def as_fills(rows) -> Fills:
    columns = zip(*rows, strict=True) if rows else [[]] * 5
    return Fills(*(np.array(list(column), dtype=np.int64) for column in columns))


def plain(matched: Matched) -> list[Cycle]:
    """Return the kernel's answer in the twin's words, ready for ==."""
    cycles, parts = matched.cycles, matched.parts
    plain = []
    for n in range(len(cycles)):
        cycle = Cycle(
            group=int(cycles.group[n]),
            side=int(cycles.side[n]),
            first=int(cycles.first[n]),
            used_first=int(cycles.used_first[n]),
            last=int(cycles.last[n]),
            used_last=int(cycles.used_last[n]),
            closed=bool(cycles.closed[n]),
            quantity=int(cycles.quantity[n]),
            closed_quantity=int(cycles.closed_quantity[n]),
            max_position=int(cycles.max_position[n]),
            entry=int(cycles.entry_points[n]),
            exit=int(cycles.exit_points[n]),
            parts=[
                Part(
                    int(parts.day[p]),
                    int(parts.gross_points[p]),
                    int(parts.fees[p]),
                    int(parts.fill_count[p]),
                )
                for p in np.flatnonzero(parts.cycle == n)
            ],
        )
        plain.append(cycle)
    return plain


def told(cycles: list[Cycle]) -> list[Cycle]:
    """Return twin cycles without the lots, which the kernel only sums."""
    for cycle in cycles:
        cycle.lots = deque()
    return cycles
