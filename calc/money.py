"""From points to money, exactly, and rounded once."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from math import gcd
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Column: TypeAlias = npt.NDArray[Any]

# One factor for all rows, or one per row
Factor: TypeAlias = Decimal | Sequence[Decimal] | npt.NDArray[np.object_]

ONE = Decimal(1)
MICROS_PER_NANO = Decimal("0.001")  # 1e-9 points x USD per point, told in 1e-6 USD
LIMIT = 2**62
GUESSED = 2.0**48  # sizes up to which a quotient in floats is less than one off
# A float of less than 2**51 that is added to this is rounded, and stands in its last bits as a
# whole number: half the time of rint and astype.
MIDDLE = 1.5 * 2.0**52
MIDDLE_BITS = int(np.float64(MIDDLE).view(np.int64))


def usd_micros(points: npt.ArrayLike, point_value: Factor, rate: Factor = ONE) -> Column:
    """Turn points into USD, rounded half to even once.

    points       nanopoints x contracts, whole numbers, shape (rows,)
    point_value  contract currency per point and contract, > 0: one, or shape (rows,)
    rate         USD per unit of the contract's currency, > 0: one, or shape (rows,)
    returns      micro-USD (1e-6), int64, shape (rows,)
    errors       ValueError: a factor that is not a positive number, or lengths that differ;
                 OverflowError: a result beyond int64
    """
    return _scaled(points, point_value, rate, MICROS_PER_NANO)


def fees_usd_micros(micros: npt.ArrayLike, rate: Factor = ONE) -> Column:
    """Turn fees into USD, rounded half to even once.

    micros   micro units (1e-6) of the contract's currency, whole numbers, shape (rows,)
    rate     USD per unit of that currency, > 0: one, or shape (rows,)
    returns  micro-USD, int64, shape (rows,); errors as in usd_micros
    """
    return _scaled(micros, ONE, rate, ONE)


def fractions(
    amounts: Column, above: Column, below: Column, length: Column | None = None
) -> Column:
    """Return amounts x above / below, rounded half to even to whole numbers, without a loop.

    amounts       whole numbers, int64 or Python ints, shape (rows,) or (columns, rows)
    above, below  a fraction > 0 per row as `ratio` gives it, int64 or Python ints: shape (rows,),
                  or (1,) for all
    length        for how many rows each fraction holds; None = as above
    returns       int64 where all results are below 2**62 in size, else Python ints
    errors        ValueError: a fraction that is not positive, lengths that differ
    """
    rows = {1, amounts.shape[-1]} if length is None else {len(length)}
    if {len(above), len(below)} - rows:
        raise ValueError("one fraction per row, or one for all")
    if not amounts.size:
        return np.zeros(amounts.shape, np.int64)
    if above.min() <= 0 or below.min() <= 0:
        raise ValueError("a fraction must be positive")
    if object in (amounts.dtype, above.dtype, below.dtype) or below.max() >= LIMIT:
        return _as_python(amounts, _each(above, length), _each(below, length))
    guess = amounts.astype(float)  # at once: a product of both kinds takes twice as long
    guess *= _each(above / below, length)
    above, below = _each(above, length), _each(below, length)
    flat = guess.reshape(-1)
    if flat.max() >= GUESSED or flat.min() <= -GUESSED:
        return _in_parts(amounts, above, below, guess)
    return _corrected(amounts, above, below, _nearest(guess))


def _nearest(guess: Column) -> Column:
    """Return the whole numbers nearest to small guesses, half to even; the guesses are lost."""
    guess += MIDDLE
    nearest: Column = guess.view(np.int64)
    nearest -= MIDDLE_BITS
    return nearest


def _in_parts(amounts: Column, above: Column, below: Column, guess: Column) -> Column:
    """Return the quotients, as Python ints where a guess in floats could be off by one or more."""
    near = np.abs(guess) < GUESSED
    above, below = (np.broadcast_to(factor, amounts.shape) for factor in (above, below))
    result = np.empty(amounts.shape, object)
    result[near] = _corrected(amounts[near], above[near], below[near], _nearest(guess[near]))
    result[~near] = _as_python(amounts[~near], above[~near], below[~near])
    return _narrowed(result)


def _each(factor: Column, length: Column | None) -> Column:
    return factor if length is None else factor.repeat(length)


def _corrected(amounts: Column, above: Column, below: Column, quotient: Column) -> Column:
    """Return the exact quotients; given the nearest to guesses that are less than one off.

    Products may wrap around in 64 bits: what is left over is smaller than `below`, and so exact.
    """
    twice = amounts * above
    twice -= quotient * below
    twice <<= 1
    # The nearest has at most half of `below` left over, and if just that, is even.
    off = np.abs(twice)
    off += quotient & 1
    wrong = off > below
    if np.count_nonzero(wrong):
        quotient += wrong * np.sign(twice)
    return quotient


def _as_python(amounts: Column, above: Column, below: Column) -> Column:
    amounts, above, below = (column.astype(object) for column in (amounts, above, below))
    floor = amounts * above // below
    twice = 2 * (amounts * above - floor * below)
    return _narrowed(floor + ((twice > below) | ((twice == below) & (floor % 2 == 1))))


def _narrowed(column: Column) -> Column:
    if max(column.max(), -column.min()) < LIMIT:
        return column.astype(np.int64)
    return column


def _scaled(amounts: npt.ArrayLike, first: Factor, second: Factor, unit: Decimal) -> Column:
    """Return amounts x first x second x unit, rounded half to even to whole numbers."""
    column = np.asarray(amounts)
    if column.ndim != 1 or (len(column) and column.dtype.kind not in "iO"):
        raise ValueError("amounts must be a flat column of whole numbers")
    if isinstance(first, Decimal) and isinstance(second, Decimal):
        above, below = ratio(first, second, unit)
        return _rounded(column, np.array([above], object), np.array([below], object))
    pairs = zip(_rows(first, len(column)), _rows(second, len(column)), strict=True)
    ratios = [ratio(one, other, unit) for one, other in pairs]
    above_below = np.array(ratios, object).reshape(len(column), 2)
    return _rounded(column, above_below[:, 0], above_below[:, 1])


def _rows(factor: Factor, size: int) -> Sequence[Decimal]:
    if isinstance(factor, Decimal):
        return [factor] * size
    if len(factor) != size:
        raise ValueError("one factor per row, or one for all")
    return list(factor)


@lru_cache(maxsize=65_536)
def ratio(first: Decimal, second: Decimal, unit: Decimal) -> tuple[int, int]:
    """Return first x second x unit as a fraction in lowest terms."""
    for factor in (first, second):
        if not factor.is_finite() or factor <= 0:
            raise ValueError(f"not a positive number: {factor}")
    above, below = 1, 1
    for factor in (first, second, unit):
        top, bottom = factor.as_integer_ratio()
        above, below = above * top, below * bottom
    common = gcd(above, below)
    return above // common, below // common


def _rounded(amounts: Column, above: Column, below: Column) -> Column:
    """Return amounts x above / below, rounded half to even; the factors as Python ints.

    With q, r = divmod(amount, below) the product is q x above + r x above / below: the parts stay
    near the size of the result, so that int64 nearly always suffices.
    """
    if not len(amounts):
        return np.zeros(0, np.int64)
    if amounts.dtype != object and _fits(amounts, above, below):
        above, below = above.astype(np.int64), below.astype(np.int64)
    else:
        amounts = amounts.astype(object)
    whole = amounts // below
    rest = (amounts - whole * below) * above
    floor = rest // below
    twice = 2 * (rest - floor * below)
    up = (twice > below) | ((twice == below) & ((floor + whole * above) % 2 == 1))
    result: Column = whole * above + floor + up
    try:
        return result.astype(np.int64)
    except OverflowError:
        raise OverflowError("an amount of money beyond 64 bits") from None


def _fits(amounts: Column, above: Column, below: Column) -> bool:
    """Say whether every step of _rounded surely stays within int64."""
    if (above * below).max() >= LIMIT:
        return False
    sizes = np.abs(amounts.astype(float)) / below.astype(float) + 1
    return bool((sizes * above.astype(float)).max() < LIMIT / 2)
