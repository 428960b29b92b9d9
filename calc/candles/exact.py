"""Small pieces that the candle modules share: sums, edges, keys, and room in 64 bits."""

from __future__ import annotations

import numpy as np

from calc.candles.columns import Column

# A float estimate below this leaves one bit of 63 for its own error and for a sum of two.
SAFE = 2.0**62
MOST_NUMBER = 2**31  # a number and a minute share 64 bits
# Candles made at once: the two dozen columns of a chunk then stay in the processor's cache.
CHUNK = 16_384


def whole(column: Column, name: str) -> Column:
    """Return the column as int64, or raise: a float would round without a word."""
    array = np.asarray(column)
    if array.ndim == 1 and array.dtype == np.int64:
        return array
    if array.ndim != 1:
        raise ValueError(f"{name} must be a flat column")
    if len(array) and array.dtype.kind != "i":
        raise ValueError(f"{name} must hold whole numbers that fit in 64 bits")
    return array.astype(np.int64, copy=False)


def largest(column: Column) -> float:
    """Return the largest size in a column, roughly; 0 for an empty one."""
    return max(abs(float(column.max())), abs(float(column.min()))) if len(column) else 0.0


def narrow(column: Column) -> Column:
    """Return Python ints as int64 again where all of them leave a bit free."""
    if column.dtype == object and largest(column) < SAFE:
        return column.astype(np.int64)
    return column


def running(column: Column) -> Column:
    """Return the sums before each row and after the last, shape (rows + 1,).

    They may wrap around in 64 bits: a difference is still exact whenever it fits itself.
    """
    sums = np.zeros(len(column) + 1, np.int64 if column.dtype == bool else column.dtype)
    column.cumsum(out=sums[1:])
    return sums


def heads(column: Column) -> Column:
    """Return the rows that differ from the row before, and row 0."""
    mask = np.empty(len(column), bool)
    mask[:1] = True
    np.not_equal(column[1:], column[:-1], out=mask[1:])
    return mask.nonzero()[0]


def sizes(starts: Column, rows: int) -> Column:
    """Return how many rows lie from each start to the next, and to the end."""
    count = np.empty_like(starts)
    np.subtract(starts[1:], starts[:-1], out=count[:-1])
    count[-1:] = rows - starts[-1:]
    return count


def cuts(sizes: Column) -> list[int]:
    """Cut into chunks: each ends with what reaches the next multiple of CHUNK."""
    sums = running(sizes + 1)
    wanted = np.searchsorted(sums, np.arange(0, sums[-1], CHUNK))
    return sorted({*wanted.tolist(), len(sizes)})


def key(series: Column, minute: Column) -> Column:
    """Return one number that sorts like (series, minute); both within 0 and 2**31."""
    joined: Column = (series << 32) + minute
    return joined


def minute_of(keys: Column) -> Column:
    """Return the minutes of such numbers; >> 32 gives the series."""
    minutes: Column = keys & 0xFFFFFFFF
    return minutes
