"""Columns of single trades, as PostgreSQL hands them over in one piece of text each."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Numbers: TypeAlias = NDArray[Any]  # whole ones
SAFE = 2.0**62  # what is below it has 64 bits, though a float rounded it


def parts_of(text: str) -> list[str]:
    """Return the parts of an array of PostgreSQL's in which nothing is quoted or null."""
    return text[1:-1].split(",")


def numbers(text: str) -> Numbers:
    """Return such an array of whole numbers."""
    return np.array(parts_of(text), np.int64)


def money(text: str) -> Numbers:
    """Return such an array of amounts; as Python's numbers where their sum could pass 64 bits."""
    amounts = numbers(text)
    largest = float(np.abs(amounts.astype(np.float64)).max())
    return amounts if len(amounts) * largest < SAFE else amounts.astype(object)


def of_runs(amounts: Numbers, run: Numbers) -> tuple[Numbers, ...]:
    """Return what to tell of runs of rows: all that stand beside each other with the same `run`.

    returns  the place of each run's last row; its sum; the running sum after it, the lowest and the
             highest one within it; the number of its rows
    """
    first = np.flatnonzero(np.diff(run, prepend=run[0] - 1))
    last = np.append(first[1:], len(run)) - 1
    level = amounts.cumsum()
    return (
        last,
        np.add.reduceat(amounts, first),
        level[last],
        np.minimum.reduceat(level, first),
        np.maximum.reduceat(level, first),
        last - first + 1,
    )


def evenly(total: int, *, most: int) -> list[int]:
    """Return the places of at most `most` of so many rows, the first and the last among them."""
    places = np.arange(total)
    if total > most:
        places = places[places * (most - 1) % (total - 1) < most - 1]
    shown: list[int] = places.tolist()
    return shown
