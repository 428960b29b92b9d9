"""Fills cut at the borders of cycles, as the books cut them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from calc.candles import Column
from calc.matching import Cycles
from calc.matching.kernel import pro_rata
from common.clock import NS_PER_DAY
from ledger.candles.fills import Bare
from ledger.fold.read import Read

_NS_PER_MINUTE = 60_000_000_000
_DAYS = 2**21  # a cycle's number and a day, moved above 0, share 64 bits


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """Parts of fills in the order (cycle, time), columns (parts,); a flip comes as two.

    signed, price, fees  as calc.candles reads them
    minute, day          since 1970
    sums                 contracts moved before each part and after the last, shape (parts + 1,)
    key                  rises with cycle and day

    group, closed        of each cycle, as the matching tells them, shape (cycles,)
    first, last          rows of the fills
    begin, end           rows of the parts, the end excluded
    """

    signed: Column
    price: Column
    fees: Column
    minute: Column
    day: Column
    sums: Column
    key: Column
    group: Column
    closed: Column
    first: Column
    last: Column
    begin: Column
    end: Column

    @staticmethod
    def key_of(cycle: Column, day: Column) -> Column:
        joined: Column = cycle * _DAYS + day + _DAYS // 2
        return joined


def cut(read: Read | Bare, cycles: Cycles) -> Parts:
    """Return the parts of fills that belong to each cycle."""
    count = cycles.last - cycles.first + 1
    edges = np.append(0, np.cumsum(count))
    head, tail = edges[:-1], edges[1:] - 1
    cycle = np.repeat(np.arange(len(count)), count)
    row = np.arange(edges[-1]) - edges[cycle] + cycles.first[cycle]
    whole = np.abs(read.fills.signed[row])
    fees = read.fills.fees[row]
    size = whole.copy()
    size[head] -= cycles.used_first.astype(np.int64)
    size[tail] = cycles.used_last.astype(np.int64)

    begun = np.flatnonzero(cycles.used_first > 0)  # an earlier cycle paid for its share
    at = head[begun]
    fees[at] -= pro_rata(fees[at], cycles.used_first[begun], whole[at])
    turned = np.flatnonzero((size[tail] < whole[tail]) & (tail != head))  # the next pays the rest
    at = tail[turned]
    fees[at] = pro_rata(fees[at], size[at], whole[at])

    executed = np.asarray(read.executed_ns, np.int64)[row]
    day = executed // NS_PER_DAY
    signed = np.sign(read.fills.signed[row]) * size
    return Parts(
        signed=signed,
        price=read.fills.price[row],
        fees=fees,
        minute=executed // _NS_PER_MINUTE,
        day=day,
        sums=np.append(0, np.cumsum(signed)),
        key=Parts.key_of(cycle, day),
        group=cycles.group,
        closed=cycles.closed,
        first=cycles.first,
        last=cycles.last,
        begin=edges[:-1],
        end=edges[1:],
    )
