"""What the walk refuses: every rule that its arithmetic leans on, told in a sentence."""

from __future__ import annotations

from typing import TypeVar

import numpy as np

from calc.candles.columns import Bars, Column, Fills, Rates, Runs
from calc.candles.exact import DAY, is_number, is_whole, key, some, whole

_Table = TypeVar("_Table", Runs, Fills, Bars)


def checked(
    runs: Runs, fills: Fills, bars: Bars, rates: Rates | None
) -> tuple[Runs, Fills, Bars, Column]:
    """Return the columns as int64 and the keys of the bars, or raise a ValueError that says why."""
    runs, fills, bars = _whole(runs, "runs"), _whole(fills, "fills"), _whole(bars, "bars")
    if not _are_sound(runs, fills):
        _check_runs(runs)
        _check_fills(fills, runs)
    keys = _check_bars(bars)
    if rates is not None and {len(column) for column in _columns(rates)} != {len(runs)}:
        raise ValueError("the rates must have one row per run")
    return runs, fills, bars, keys


def _columns(table: Runs | Fills | Bars | Rates) -> list[Column]:
    return [getattr(table, name) for name in table.__match_args__]


def _whole(table: _Table, name: str) -> _Table:
    columns = _columns(table)
    if not all(map(is_whole, columns)):
        columns = [
            whole(column, f"{field} of the {name}")
            for field, column in zip(table.__match_args__, columns, strict=True)
        ]
        table = type(table)(*columns)
    if len(set(map(len, columns))) > 1:
        raise ValueError(f"the columns of the {name} differ in length")
    return table


def _are_sound(runs: Runs, fills: Fills) -> bool:
    """Say whether runs without held contracts keep every rule below, in fewer steps."""
    if not (len(runs) and len(fills)) or some(runs.position):
        return False
    lines = key(runs.line, runs.day)
    moments = key(fills.run, fills.minute)
    return (
        is_number(runs.book | runs.line | (runs.day * DAY - 1))
        and not some(lines[1:] < lines[:-1])
        and is_number(fills.run)
        # A number too large is clipped here; that the last is not, the order tells of all.
        and not some(fills.minute // DAY != runs.day.take(fills.run, mode="clip"))
        and not some(moments[1:] < moments[:-1])
        and bool(fills.run[-1] == len(runs) - 1)
        and np.count_nonzero(fills.signed) == len(fills)
    )


def _check_numbers(column: Column, name: str) -> None:
    """Numbers must leave room for a minute beside them in 64 bits."""
    if not is_number(column):
        raise ValueError(f"{name} is not within 0 and 2**31")


def _check_runs(runs: Runs) -> None:
    _check_numbers(runs.book, "a book of the runs")
    _check_numbers(runs.day * DAY - 1, "the minute before a day of the runs")
    keys = key(runs.line, runs.day)
    if some(keys[1:] < keys[:-1]):
        raise ValueError("the runs are not in the order of line and day")
    _check_numbers(runs.line, "a line of the runs")
    if some(runs.position) and some(runs.position[1:][keys[1:] == keys[:-1]]):
        raise ValueError("a run holds contracts at the day's start, but is not its line's first")


def _check_fills(fills: Fills, runs: Runs) -> None:
    if some(fills.signed == 0):
        raise ValueError("a fill of 0 contracts")
    if len(fills) and (fills.run.min() < 0 or fills.run.max() >= len(runs)):
        raise ValueError("a fill of a run that is not there")
    if some(fills.minute // DAY != runs.day[fills.run]):
        raise ValueError("a fill of another day than its run's")
    keys = key(fills.run, fills.minute)
    if some(keys[1:] < keys[:-1]):
        raise ValueError("the fills are not in the order of run and minute")


def _check_bars(bars: Bars) -> Column:
    _check_numbers(bars.minute, "a minute of the bars")
    keys = key(bars.book, bars.minute)
    if some(keys[1:] <= keys[:-1]):
        raise ValueError("the bars are not in the order of book and minute, each minute once")
    _check_numbers(bars.book[[0, -1]] if len(bars) else bars.book, "a book of the bars")
    return keys


def check_starts(start: Column, runs: Runs) -> None:
    """Raise unless every run has a fill, what it held being one."""
    if len(start) != len(runs):
        raise ValueError("a run that neither holds nor trades")


def check_path(run: Column, position: Column) -> None:
    """Raise unless every run keeps to one side of zero and ends when it gets there."""
    goes_on = run[1:] == run[:-1]
    side = np.sign(position)
    before, after = side[:-1], side[1:]
    if not some((abs(before + before + after) < 2) & goes_on):  # neither of what follows
        return
    if some((before == 0) & goes_on):
        raise ValueError("a run goes on after it was flat")
    if some((before == -after) & goes_on):
        raise ValueError("a fill crosses zero inside a run: it must come as two parts")
