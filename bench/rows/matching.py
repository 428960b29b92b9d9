"""Row 1: the matching kernel against the loop that one would write, in plain integers."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import fields
from decimal import Decimal

import numpy as np

from bench.fills import desk
from bench.frame import Line, Stand, at_least, row
from calc.matching import Fills, match
from calc.money import usd_micros

LOOP_MOST = 2_000_000  # the loop is timed on no more: its rate does not depend on the number


@row("1", "matching kernel against the int loop with FIFO deque", size="2,000,000 fills")
def matching(stand: Stand) -> Iterator[Line]:
    count = stand.count(2_000_000)
    stand.say(f"making {count:,} fills")
    fills = desk(count)
    few = fills.rows(0, min(count, LOOP_MOST))
    columns = [getattr(few, field.name).tolist() for field in fields(few)]

    stand.say("checking that both say the same")
    if fifo_loop(*columns) != kernel_in_the_loops_words(few):
        raise AssertionError("the kernel and the loop disagree")

    ours, reference = stand.side_by_side(
        ours=lambda: match(fills), reference=lambda: fifo_loop(*columns), ours_each=5
    )
    rate, loop_rate = count / ours, len(few) / reference
    yield Line(
        f"matching, {count:,} fills: kernel / int loop with FIFO deque",
        f"{rate / 1e6:.2f} M/s",
        f"{loop_rate / 1e6:.2f} M/s",
        rate / loop_rate,
        at_least(8),
        ours,
    )


@row("money", "what exact money costs", size="1,000,000 amounts")
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
    group: list[int], signed: list[int], price: list[int], fees: list[int], day: list[int]
) -> tuple[list[tuple[int, ...]], list[tuple[int, ...]]]:
    """Answer what the kernel answers, one fill and one lot after the other, in local variables.

    Cycles: first, last, side, quantity, closed_quantity, max_position, entry, exit, gross, fees.
    Parts: cycle, day, gross, fees.
    """
    cycles: list[tuple[int, ...]] = []
    parts: list[tuple[int, ...]] = []
    lots: deque[tuple[int, int]] = deque()
    current = part_day = -1
    position = first = last = quantity = closed = most = entry = out = gross = cost = 0
    part_gross = part_cost = 0

    def end() -> None:
        side = 1 if signed[first] > 0 else -1
        parts.append((len(cycles), part_day, part_gross, part_cost))
        cycles.append((first, last, side, quantity, closed, most, entry, out, gross, cost))

    for at, contracts in enumerate(signed):
        level, fee, today = price[at], fees[at], day[at]
        if group[at] != current:
            if position:
                end()
            current, position = group[at], 0
            lots.clear()
        left = abs(contracts)
        if position and (contracts > 0) != (position > 0):
            if today != part_day:
                parts.append((len(cycles), part_day, part_gross, part_cost))
                part_day, part_gross, part_cost = today, 0, 0
            size = abs(position)
            share = fee if left <= size else round_half_even(fee * size, left)
            taking = closing = min(left, size)
            paid = 0
            while taking:
                held, bought = lots[0]
                if held > taking:
                    lots[0] = (held - taking, bought)
                    paid += taking * bought
                    taking = 0
                else:
                    lots.popleft()
                    paid += held * bought
                    taking -= held
            got = closing * level
            realised = got - paid if position > 0 else paid - got
            last, closed, out = at, closed + closing, out + got
            gross, cost = gross + realised, cost + share
            part_gross, part_cost = part_gross + realised, part_cost + share
            left, fee = left - closing, fee - share
            position += closing if contracts > 0 else -closing
            if not position:
                end()
        if left:
            if not position:
                first, part_day = at, today
                quantity = closed = most = entry = out = gross = cost = part_gross = part_cost = 0
            elif today != part_day:
                parts.append((len(cycles), part_day, part_gross, part_cost))
                part_day, part_gross, part_cost = today, 0, 0
            position += left if contracts > 0 else -left
            lots.append((left, level))
            last, quantity, entry, cost = at, quantity + left, entry + left * level, cost + fee
            part_cost += fee
            most = max(most, abs(position))
    if position:
        end()
    return cycles, parts


def kernel_in_the_loops_words(
    fills: Fills,
) -> tuple[list[tuple[int, ...]], list[tuple[int, ...]]]:
    matched = match(fills)
    names = "first last side quantity closed_quantity max_position entry_points exit_points"
    columns = [getattr(matched.cycles, name) for name in (names + " gross_points fees").split()]
    parts = [getattr(matched.parts, name) for name in ["cycle", "day", "gross_points", "fees"]]
    return (
        list(zip(*(column.tolist() for column in columns), strict=True)),
        list(zip(*(column.tolist() for column in parts), strict=True)),
    )


def round_half_even(above: int, below: int) -> int:
    floor, rest = divmod(above, below)
    return floor + (2 * rest > below or (2 * rest == below and floor % 2 == 1))
