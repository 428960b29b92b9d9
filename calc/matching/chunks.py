"""The door of the matching: check the columns, cut them into chunks of whole groups, fold each."""

from __future__ import annotations

from dataclasses import fields

import numpy as np

from calc.matching.columns import Column, Cycles, Fills, Matched, Parts
from calc.matching.kernel import fold

# Rows folded at once: the two dozen columns of a chunk then stay in the processor's cache.
CHUNK = 65_536


def match(fills: Fills, used: Column | None = None) -> Matched:
    """Fold fills into flat-to-flat cycles, lots matched first in, first out.

    fills    columns of shape (fills,), see Fills
    used     contracts of each group's first fill that an earlier trade has taken, shape (groups,),
             0 <= used < the fill's contracts; None = all 0. With the last row of a closed cycle
             and its `used_last` the matching restarts at a fill that crossed zero.
    returns  cycles and their parts by day; int64, or Python ints where 64 bits do not suffice
    errors   ValueError: columns of unequal length or not of whole numbers, a quantity of 0, groups
             not dense and ascending, days falling inside a group, `used` out of its range

    The fees of a fill that crosses zero are split pro rata, the closing part rounded half to even.
    """
    fills = Fills(*(_whole(getattr(fills, f.name), f.name) for f in fields(fills)))
    heads = _checked_heads(fills)
    taken = np.zeros(len(heads), np.int64) if used is None else _whole(used, "used")
    _check_used(taken, fills.signed[heads])

    # A chunk ends with the first group that reaches the next multiple of CHUNK.
    wanted = np.searchsorted(heads, np.arange(0, len(fills), CHUNK))
    cuts = np.unique(np.append(np.append(heads, len(fills))[wanted], len(fills)))
    chunks = list(zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True))
    folded = (_folded(fills.rows(start, stop), taken) for start, stop in chunks)
    if len(chunks) == 1:
        return next(folded)
    cycles, parts = _Pile(Cycles, len(fills)), _Pile(Parts, 2 * len(fills))
    for (start, _), chunk in zip(chunks, folded, strict=True):
        parts.add(chunk.parts, {"cycle": cycles.size})
        cycles.add(chunk.cycles, {"first": start, "last": start})
    return Matched(Cycles(**cycles.columns()), Parts(**parts.columns()))


def _folded(chunk: Fills, used: Column) -> Matched:
    return fold(chunk, used[chunk.group[0] : chunk.group[-1] + 1])


class _Pile:
    """Columns written one chunk after the other into memory reserved once.

    As many rows are reserved as there can be; the system hands out only the pages that are
    written, and each of them once: joining the chunks at the end costs a third more time.
    """

    def __init__(self, kind: type[Cycles | Parts], most: int) -> None:
        self.size = 0
        self._most = most
        self._columns = {f.name: np.empty(most, _dtype(f.name)) for f in fields(kind)}

    def add(self, chunk: Cycles | Parts, shift: dict[str, int]) -> None:
        """Append a chunk's rows; the columns named by `shift` count from the chunk's start."""
        end = self.size + len(chunk)
        for name, pile in self._columns.items():
            column = getattr(chunk, name)
            if column.dtype == object and pile.dtype != object:
                pile = self._columns[name] = pile.astype(object)
            pile[self.size : end] = column + shift[name] if name in shift else column
        self.size = end

    def columns(self) -> dict[str, Column]:
        return {name: column[: self.size] for name, column in self._columns.items()}


def _dtype(name: str) -> type[np.bool_] | type[np.int64]:
    return np.bool_ if name == "closed" else np.int64


def _whole(column: Column, name: str) -> Column:
    """Return the column as int64, or raise: a float would round without a word."""
    array = np.asarray(column)
    if array.ndim != 1:
        raise ValueError(f"{name} must be a flat column")
    if len(array) and array.dtype.kind != "i":
        raise ValueError(f"{name} must hold whole numbers that fit in 64 bits")
    return array.astype(np.int64, copy=False)


def _checked_heads(fills: Fills) -> Column:
    """Return each group's first row, if the fills are in order."""
    if len({len(getattr(fills, f.name)) for f in fields(fills)}) > 1:
        raise ValueError("the columns differ in length")
    if not fills.signed.all():
        raise ValueError("a fill of 0 contracts")
    if len(fills) and fills.signed.min() == np.iinfo(np.int64).min:
        raise ValueError("a fill of 2**63 contracts has no opposite in 64 bits")
    inside = fills.group[1:] == fills.group[:-1]
    if (inside & (fills.day[1:] < fills.day[:-1])).any():
        raise ValueError("days fall inside a group: the fills are not in order")
    heads = np.flatnonzero(np.append(True, ~inside)[: len(fills)])
    if (fills.group[heads] != np.arange(len(heads))).any():
        raise ValueError("groups must be dense and ascending from 0")
    return heads


def _check_used(used: Column, signed: Column) -> None:
    if len(used) != len(signed):
        raise ValueError("used must have one number per group")
    if (used < 0).any() or (used >= np.abs(signed)).any():
        raise ValueError("used must leave at least one contract of the group's first fill")
