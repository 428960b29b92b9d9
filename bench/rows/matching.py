"""Row 1: the matching kernel against the loop that one would write, in plain integers."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from decimal import Decimal

import numpy as np

from bench.fills import desk
from bench.frame import Line, Stand, at_least, row
from calc.matching import Fills, match
from calc.money import usd_micros

LOOP_MOST = 2_000_000  # the loop is timed on no more: its rate does not depend on the number


@row("1", "matching kernel against the int loop with FIFO deque")
def matching(stand: Stand) -> Iterator[Line]:
    count = stand.count(2_000_000)
    stand.say(f"making {count:,} fills")
    fills = desk(count)
    few = fills.rows(0, min(count, LOOP_MOST))
    columns = [column.tolist() for column in (few.group, few.signed, few.price, few.fees)]

    slow = fifo_loop(*columns)
    fast = match(few).cycles
    if [cycle[2] for cycle in slow] != fast.gross_points.tolist():
        raise AssertionError("the kernel and the loop disagree")

    ours, reference = stand.side_by_side(
        ours=lambda: match(fills), reference=lambda: fifo_loop(*columns)
    )
    rate, loop_rate = count / ours, len(few) / reference
    yield Line(
        f"matching, {count:,} fills: kernel / int loop with FIFO deque",
        f"{rate / 1e6:.2f} M/s",
        f"{loop_rate / 1e6:.2f} M/s",
        rate / loop_rate,
        at_least(8),
    )


@row("money", "what exact money costs")
def money(stand: Stand) -> Iterator[Line]:
    count = stand.count(1_000_000)
    fills: Fills = desk(count)
    points = fills.price
    rate, value = Decimal("1.08345"), Decimal("12.5")
    ours, reference = stand.side_by_side(
        ours=lambda: usd_micros(points, value, rate),
        reference=lambda: np.rint(points * (float(value) * float(rate) / 1000)),
    )
    yield Line(
        f"money, {count:,} amounts: exact / in floats (wrong beyond 2^53)",
        f"{ours * 1e3:.1f} ms",
        f"{reference * 1e3:.1f} ms",
        ours / reference,
    )


def fifo_loop(
    group: list[int], signed: list[int], price: list[int], fees: list[int]
) -> list[tuple[int, int, int, int, bool]]:
    """Return (first, last, gross, fees, closed) of each cycle: one fill, one lot after the other.

    It rounds the fee of a fill that crosses zero down, and keeps no parts by day: less than ours.
    """
    cycles = []
    current, position, first, gross, cost = -1, 0, 0, 0, 0
    lots: deque[tuple[int, int]] = deque()
    for at, (number, contracts, level, fee) in enumerate(
        zip(group, signed, price, fees, strict=True)
    ):
        if number != current:
            if position:
                cycles.append((first, at - 1, gross, cost, False))
            current, position, gross, cost = number, 0, 0, 0
            lots.clear()
        if position == 0:
            first = at
            position = contracts
            lots.append((abs(contracts), level))
            cost += fee
            continue
        if (contracts > 0) == (position > 0):
            lots.append((abs(contracts), level))
            position += contracts
            cost += fee
            continue
        side = 1 if position > 0 else -1
        closing = left = min(abs(contracts), abs(position))
        while left:
            held, bought = lots[0]
            if held > left:
                lots[0] = (held - left, bought)
                gross += left * (level - bought) * side
                left = 0
            else:
                lots.popleft()
                gross += held * (level - bought) * side
                left -= held
        share = fee * closing // abs(contracts)
        position += contracts
        cost += share
        if not lots:
            cycles.append((first, at, gross, cost, True))
            gross = cost = 0
            if position:
                first, cost = at, fee - share
                lots.append((abs(position), level))
    if position:
        cycles.append((first, len(group) - 1, gross, cost, False))
    return cycles
