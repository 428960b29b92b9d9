"""The fold of one chunk: running sums and their differences, no loop over fills.

A fill has a closing part (towards zero) and an opening part (away from it); only a fill that
crosses zero has both. A cycle starts with an opening part and ends before the next start, so its
sums are differences of running sums: of opening parts from its first row on, of closing parts from
the row after. First in, first out costs of what was closed are read off the running cost of what
was opened; that is needed only where a day or the data ends before the cycle does.

Running sums may wrap around in 64 bits: a difference is still exact whenever it fits itself.
`_safe` sees to that with a wide margin, else the same lines run on Python ints.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from calc.matching.columns import Column, Cycles, Fills, Matched, Parts

# A float estimate below this leaves one bit of 63 for its own error and for a sum of two.
SAFE = 2.0**62


def fold(fills: Fills, used: Column) -> Matched:
    """Fold whole groups; columns and units as in Fills, `used` one number per group."""
    heads = np.flatnonzero(_changes(fills.group, first=True))
    signed, fees = _without_used(fills, heads, used)
    walk = _walk(signed, heads)
    price = fills.price if _points_fit(walk, signed, fills.price) else fills.price.astype(object)

    new_day = _changes(fills.day, first=False) & (walk.before != 0)
    at, starts = _part_rows(walk.starts, new_day)
    opened, closed = _running(walk.opening), _running(walk.closing)
    cost, proceeds = _running(walk.opening * price), _running(walk.closing * price)

    size = len(fills)
    heads_of = np.flatnonzero(starts)  # part with which each cycle starts
    tails_of = np.append(heads_of[1:], len(at)) - 1  # and ends
    cycle = np.cumsum(starts.astype(np.int64)) - 1  # numpy sums bools slowly
    first = at[heads_of]
    until = np.append(first[1:], size)  # row of the next start
    turned = np.append(walk.flips[first[1:]], False)  # a flip ended the cycle
    last = until - 1 + turned
    is_closed = turned | (walk.after[last] == 0)
    side = np.sign(signed[first]).astype(np.int64)

    edges = np.append(at + starts, size)  # a start's closing part belongs to the part before
    known = np.zeros(len(at), bool)
    known[tails_of] = is_closed
    spent = _cost_of_closed(
        contracts=opened[first][cycle] + closed[edges[1:]] - closed[first + 1][cycle],
        whole=cost[until][cycle],
        known=known,
        opened=opened,
        cost=cost,
        price=price,
    )
    begun = np.roll(spent, 1)
    begun[heads_of] = cost[first]
    gross = side[cycle] * (np.diff(proceeds[edges]) - (spent - begun))
    part_fees, part_fills = _fees_and_counts(walk, fees, at, starts)

    entry = np.append(first, size)
    leaving = np.append(first + 1, size)
    others = turned * walk.opening[last] + (first == last) * walk.closing[first]
    return Matched(
        Cycles(
            group=fills.group[first],
            first=first,
            last=last,
            used_first=np.abs(fills.signed[first]) - walk.opening[first],
            used_last=_narrow(np.abs(signed[last]) - others),
            side=side,
            closed=is_closed,
            quantity=_narrow(np.diff(opened[entry])),
            closed_quantity=_narrow(np.diff(closed[leaving])),
            max_position=_narrow(np.maximum.reduceat(np.abs(walk.after), first)),
            entry_points=_narrow(np.diff(cost[entry])),
            exit_points=_narrow(np.diff(proceeds[leaving])),
            open_points=_narrow(cost[until] - spent[tails_of]),
            gross_points=_narrow(_per_cycle(gross, heads_of)),
            fees=_narrow(_per_cycle(part_fees, heads_of)),
            fill_count=last - first + 1,
        ),
        Parts(
            cycle=cycle,
            day=fills.day[at],
            gross_points=_narrow(gross),
            fees=_narrow(part_fees),
            fill_count=part_fills,
        ),
    )


class _Walk(NamedTuple):
    """The position before and after each fill, and what that makes of it."""

    before: Column
    after: Column
    closing: Column
    opening: Column
    starts: Column  # bool: the opening part starts a cycle
    flips: Column  # bool: it does so after a closing part


def _walk(signed: Column, heads: Column) -> _Walk:
    running = np.cumsum(signed)
    base = running[heads] - signed[heads]
    after = running - np.repeat(base, np.diff(np.append(heads, len(signed))))
    before = after - signed
    contracts = np.abs(signed)
    held = np.abs(after)
    # What meets at zero is counted on both sides: nothing when adding, twice the closing otherwise.
    closing = (np.abs(before) + contracts - held) >> 1
    opening = contracts - closing
    starts = (opening > 0) & (opening == held)
    return _Walk(before, after, closing, opening, starts, starts & (closing > 0))


def _without_used(fills: Fills, heads: Column, used: Column) -> tuple[Column, Column]:
    """Return contracts and fees less what an earlier trade took of each group's first fill."""
    signed = _exact(fills.signed)
    fees = _exact(fills.fees)
    if used.any():
        signed, fees = signed.copy(), fees.copy()
        whole = signed[heads]
        signed[heads] = whole - np.sign(whole) * used
        fees[heads] = fees[heads] - pro_rata(fees[heads], used, np.abs(whole))
    return signed, fees


def _part_rows(starts: Column, new_day: Column) -> tuple[Column, Column]:
    """Return each part's first row and whether it starts a cycle.

    A fill that crosses zero on a new day begins two parts: the old cycle's, then the new one's.
    """
    rows = np.flatnonzero(starts | new_day)
    twice = starts[rows] & new_day[rows]
    at = np.repeat(rows, 1 + twice)
    is_start = starts[at]
    is_start[np.flatnonzero(twice) + np.arange(np.count_nonzero(twice))] = False
    return at, is_start


def _cost_of_closed(
    *, contracts: Column, whole: Column, known: Column, opened: Column, cost: Column, price: Column
) -> Column:
    """Return the running cost of all that was closed by the end of each part.

    contracts  how many those are, counted over the chunk in the order of opening
    whole      the answer where everything opened was closed: the mask `known`
    """
    loose = np.flatnonzero(~known)
    wanted = contracts[loose]
    lot = np.searchsorted(opened[1:], wanted)  # the opening part that holds the last one closed
    spent = whole.copy()
    spent[loose] = cost[lot + 1] - (opened[lot + 1] - wanted) * price[lot]
    return spent


def _fees_and_counts(
    walk: _Walk, fees: Column, at: Column, starts: Column
) -> tuple[Column, Column]:
    """Return fees and fills of each part; a flip's closing part belongs to the part before."""
    turning = np.flatnonzero(starts & walk.flips[at])
    rows = at[turning]
    left = pro_rata(fees[rows], walk.closing[rows], walk.closing[rows] + walk.opening[rows])
    edges = np.append(at, len(fees))
    sums = np.diff(_running(fees)[edges])
    counts = np.diff(edges)
    sums[turning] = sums[turning] - left
    sums[turning - 1] = sums[turning - 1] + left
    counts[turning - 1] += 1
    return sums, counts


def pro_rata(amount: Column, share: Column, whole: Column) -> Column:
    """Return amount x share / whole, rounded half to even; 0 <= share <= whole, whole > 0."""
    if len(amount) and np.abs(amount.astype(float)).max() * float(whole.max()) >= SAFE:
        amount = amount.astype(object)
    scaled = amount * share
    floor = scaled // whole
    twice = 2 * (scaled - floor * whole)
    up = (twice > whole) | ((twice == whole) & (floor % 2 == 1))
    return _narrow(floor + up)


def _points_fit(walk: _Walk, signed: Column, price: Column) -> bool:
    """Say whether contracts x price, summed over any one cycle, surely fits in int64."""
    highest = max(abs(int(price.min())), abs(int(price.max())))
    if int(np.abs(signed).sum()) * highest < SAFE:
        return True
    first = np.flatnonzero(walk.starts)
    worth = np.abs(signed.astype(float)) * np.abs(price.astype(float))
    sums = np.add.reduceat(worth, first)
    sums[:-1] += worth[first[1:]]  # a flip counts fully on both sides
    return bool(sums.max() < SAFE)


def _exact(column: Column) -> Column:
    """Return the column, as Python ints if its running sum could leave int64."""
    largest = max(abs(int(column.min())), abs(int(column.max())))
    return column if largest * len(column) < SAFE else column.astype(object)


def _narrow(column: Column) -> Column:
    """Return Python ints as int64 again where all of them fit."""
    if column.dtype != object:
        return column
    try:
        return column.astype(np.int64)
    except OverflowError:
        return column


def _running(column: Column) -> Column:
    """Return the sums before each row and after the last, shape (rows + 1,)."""
    sums = np.zeros(len(column) + 1, column.dtype)
    np.cumsum(column, out=sums[1:])
    return sums


def _per_cycle(parts: Column, heads_of: Column) -> Column:
    """Sum a column of parts over each cycle; several times as fast as add.reduceat."""
    return np.diff(_running(parts)[np.append(heads_of, len(parts))])


def _changes(column: Column, *, first: bool) -> Column:
    """Mark the rows that differ from the row before, the first as told."""
    mask = np.empty(len(column), bool)
    mask[:1] = first
    np.not_equal(column[1:], column[:-1], out=mask[1:])
    return mask
