"""Small pieces that the candle modules share: sums, edges, keys, and room in 64 bits."""

from __future__ import annotations

import numpy as np

from calc.money import Column

# A float estimate below this leaves one bit of 63 for its own error and for a sum of two.
SAFE = 2.0**62
MOST_NUMBER = 2**31  # a number and a minute share 64 bits
DAY = 1440  # minutes
_INT64 = np.dtype(np.int64)
# Candles made at once: the two dozen columns of a chunk then stay in the processor's cache.
CHUNK = 16_384


def is_whole(column: Column) -> bool:
    """Say whether a column is a flat one of int64."""
    return type(column) is np.ndarray and column.dtype is _INT64 and column.ndim == 1


def whole(column: Column, name: str) -> Column:
    """Return the column as int64, or raise: a float would round without a word."""
    array = np.asarray(column)
    if array.ndim != 1:
        raise ValueError(f"{name} must be a flat column")
    if len(array) and array.dtype.kind != "i":
        raise ValueError(f"{name} must hold whole numbers that fit in 64 bits")
    return array.astype(np.int64, copy=False)


def some(column: Column) -> bool:
    """Say whether anything is not 0; any() takes several times as long of a short column."""
    return bool(np.count_nonzero(column))


def largest(column: Column) -> float:
    """Return the largest size in a column, roughly; 0 for an empty one."""
    if not len(column):
        return 0.0
    return max(abs(float(np.maximum.reduce(column))), abs(float(np.minimum.reduce(column))))


def is_number(column: Column) -> bool:
    """Say whether all of an int64 column is within 0 and MOST_NUMBER.

    What one of them has too much, their bits together have, too.
    """
    return 0 <= int(np.bitwise_or.reduce(column)) < MOST_NUMBER


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


def lasts(starts: Column, rows: int) -> Column:
    """Return the last row of each stretch: the one before the next start, or the end."""
    last = np.empty_like(starts)
    np.subtract(starts[1:], 1, out=last[:-1])
    last[-1:] = rows - 1
    return last


def cuts(sizes: Column) -> list[int]:
    """Cut into chunks: each ends with what reaches the next multiple of CHUNK."""
    sums = running(sizes + 1)
    if sums[-1] <= CHUNK:
        return sorted({0, len(sizes)})
    wanted = np.searchsorted(sums, np.arange(0, sums[-1], CHUNK))
    return sorted({*wanted.tolist(), len(sizes)})


def key(series: Column, minute: Column) -> Column:
    """Return one number that sorts like (series, minute); both within 0 and 2**31."""
    joined: Column = series << 32
    joined += minute
    return joined


def minute_of(keys: Column) -> Column:
    """Return the minutes of such numbers; >> 32 gives the series."""
    minutes: Column = keys & 0xFFFFFFFF
    return minutes
