"""The course of lines through days: their fills, cut into runs, and the bars beside them.

A line is one account in one contract; here it also says from which day to which. Cycles are cut by
the matching that keeps the books, so flips, fees and what an earlier trade took of a fill are the
same. The number of statements does not depend on the number of rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple
from uuid import UUID

import numpy as np

from calc.candles import Bars, Candles, Column, Fills, Rates, Runs, walk
from calc.matching import match
from common.clock import NS_PER_DAY
from ledger.candles.fills import read_bare, read_trades
from ledger.candles.parts import Parts, cut
from ledger.candles.prices import MINUTES_PER_DAY, BarDays, read_bars, read_marks
from ledger.fold.facts import Facts, day_of, read_facts, read_rates
from ledger.fold.read import Read, Start, find_starts, read_fills
from ledger.fold.results import MOST_MICROS, TOO_LARGE, identity_of
from ledger.words import Place


class Line(NamedTuple):
    """UTC days of one account in one contract.

    place        fills are read from the end of the last trade before it
    until_ns     the last nanosecond to read
    first, last  days since 1970, both included
    """

    place: Place
    until_ns: int
    first: int
    last: int

    @classmethod
    def of_days(cls, account_id: int, contract_id: int, first: int, last: int) -> Line:
        start = Place(account_id, contract_id, first * NS_PER_DAY)
        return cls(start, (last + 1) * NS_PER_DAY - 1, first, last)


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """Runs (cycles by UTC day) of some lines, in the order (line, day, time).

    runs, fills, bars   as calc.candles reads them; `runs.line` is the number of the line
    cycle               cycle of each run, in the order of lines and time
    has_bars            bool per run: its contract has a bar on that day
    first, last         rows of `read` with which each cycle begins and ends
    closed              bool per cycle: it ended by the last day of its line
    one_day             bool per cycle: it opened and closed on one day
    line_of             line of each cycle
    starts              where each line begins to be read
    """

    lines: Sequence[Line]
    starts: Sequence[Start]
    facts: Facts
    read: Read | None
    runs: Runs
    fills: Fills
    bars: Bars
    cycle: Column
    has_bars: Column
    first: Column
    last: Column
    closed: Column
    one_day: Column
    line_of: Column

    def __len__(self) -> int:
        return len(self.runs)

    def contract(self, run: int) -> int:
        return self.lines[int(self.runs.line[run])].place.contract_id

    def named_runs(self) -> Iterator[tuple[int, UUID, tuple[int, int, str, int]]]:
        """Tell each run's line, the id that its trade has or will have, and the place it opens."""
        read, facts = self.named, self.facts
        for line, row in zip(self.runs.line.tolist(), self.first[self.cycle].tolist(), strict=True):
            place = self.lines[line].place
            yield (
                line,
                identity_of((place.account_id, place.contract_id), read, row, facts),
                (read.executed_ns[row], read.received_ns[row], read.exec_id[row],
                 read.leg_index[row]),
            )  # fmt: skip

    @property
    def named(self) -> Read:
        """Return the fills with their names."""
        if self.read is None:
            raise LookupError("These fills were read without names")
        return self.read

    def trades(self) -> tuple[Column, Column]:
        """Return what the books say of the trades, and each cycle's row there. 1 query.

        The row of a cycle that is still open says nothing. Under the accounts' locks: the books
        say then what the fills say, trade by trade.
        """
        told, count = read_trades(self.starts, [line.until_ns for line in self.lines])
        ended = np.bincount(self.line_of[self.closed], minlength=len(self.lines))
        if (ended != count).any():
            raise ValueError("the books hold other trades than their fills make")
        return told, np.cumsum(self.closed) - 1

    def kept(self, wanted: Column) -> Course:
        """Return the course with these runs only; `wanted` bool per run."""
        rows = np.flatnonzero(wanted)
        number = np.cumsum(wanted) - 1
        mine = wanted[self.fills.run]
        fills = Fills(
            number[self.fills.run[mine]],
            *(getattr(self.fills, name)[mine] for name in ("minute", "signed", "price", "fees")),
        )
        names = ("line", "book", "day", "position", "mark")
        runs = Runs(*(getattr(self.runs, name)[rows] for name in names))
        return replace(
            self, runs=runs, fills=fills, cycle=self.cycle[rows], has_bars=self.has_bars[rows]
        )


class Worth(NamedTuple):
    """Candles of the runs that can be told, and why others cannot: a sentence by run."""

    candles: Candles
    held: dict[int, str]


def follow(lines: Sequence[Line], *, named: bool = True) -> Course | None:
    """Read what these lines did; None where nothing was. At most 8 queries.

    named   with the names of fills; without, many are read several times as fast
    """
    if not lines:
        return None
    places = [line.place for line in lines]
    facts = read_facts({p.account_id for p in places}, {p.contract_id for p in places})
    starts = find_starts(places)
    until = [line.until_ns for line in lines]
    read = read_fills(starts, facts, until=until) if named else read_bare(starts, facts, until)
    if not read.group:
        return None
    parts = cut(read, match(read.fills, read.used).cycles)
    table = np.array([(line.first, line.last) for line in lines], np.int64)
    line = np.array(read.group, np.int64)[parts.group]
    begun = parts.day[parts.begin]
    ended = np.where(parts.closed, parts.day[parts.end - 1], table[line, 1])
    low, high = np.maximum(begun, table[line, 0]), np.minimum(ended, table[line, 1])
    count = np.maximum(high - low + 1, 0)
    cycle = np.repeat(np.arange(len(count)), count)
    if not len(cycle):
        return None
    day = low[cycle] + np.arange(len(cycle)) - np.repeat(np.cumsum(count) - count, count)
    read_rates(facts, np.unique(day).tolist())
    about = read if isinstance(read, Read) else None
    return _with_prices(lines, starts, facts, about, parts, line, cycle, day)


def _with_prices(
    lines: Sequence[Line],
    starts: Sequence[Start],
    facts: Facts,
    read: Read | None,
    parts: Parts,
    line_of: Column,
    cycle: Column,
    day: Column,
) -> Course:
    line = line_of[cycle]
    before = np.searchsorted(parts.key, parts.key_of(cycle, day))  # first part of the day or later
    position = parts.sums[before] - parts.sums[parts.begin[cycle]]
    held = position != 0
    latest = np.maximum(before - 1, 0)  # of what is held: the fill before the day
    contracts = sorted({one.place.contract_id for one in lines})
    number = {contract: book for book, contract in enumerate(contracts)}
    books = np.array([number[one.place.contract_id] for one in lines], np.int64)[line]

    midnight = day * MINUTES_PER_DAY
    ends = parts.closed[cycle] & (parts.day[parts.end[cycle] - 1] == day)
    first = parts.minute[np.minimum(before, len(parts.minute) - 1)]
    since = np.where(held, midnight, first)
    until = np.where(ends, parts.minute[parts.end[cycle] - 1], midnight + MINUTES_PER_DAY - 1)
    entered = np.where(held, parts.minute[latest], np.iinfo(np.int64).max)
    days, row = _bar_days(books, day, since, until, entered, contracts)
    marks = read_marks(days)
    later = marks.minute[row] >= parts.minute[latest]  # the fill's own minute ends with its bar
    mark = np.where(later, marks.price[row], parts.price[latest])

    keys = parts.key_of(cycle, day)
    run = np.minimum(np.searchsorted(keys, parts.key), len(keys) - 1)
    mine = keys[run] == parts.key
    return Course(
        lines=lines,
        starts=starts,
        facts=facts,
        read=read,
        runs=Runs(line, books, day, position, np.where(held, mark, 0)),
        fills=Fills(
            run[mine], parts.minute[mine], parts.signed[mine], parts.price[mine], parts.fees[mine]
        ),
        bars=read_bars(days),
        cycle=cycle,
        has_bars=marks.has_bars[row],
        first=parts.first,
        last=parts.last,
        closed=parts.closed,
        one_day=parts.closed & (parts.day[parts.begin] == parts.day[parts.end - 1]),
        line_of=line_of,
    )


def _bar_days(
    books: Column, day: Column, since: Column, until: Column, entered: Column, contracts: list[int]
) -> tuple[BarDays, Column]:
    """Return the contracts' days that the runs lie in, and the row of each run's."""
    keys, row = np.unique((books << 32) + day, return_inverse=True)
    order = np.argsort(row, kind="stable")
    begin = np.searchsorted(row[order], np.arange(len(keys)))
    held_since = np.minimum.reduceat(entered[order], begin)
    held_since[held_since == np.iinfo(np.int64).max] = -1
    book = keys >> 32
    return (
        BarDays(
            book=book,
            contract=np.array(contracts, np.int64)[book],
            day=keys - (book << 32),
            since=np.minimum.reduceat(since[order], begin),
            until=np.maximum.reduceat(until[order], begin),
            held_since=held_since,
        ),
        row,
    )


def gross(course: Course) -> Candles:
    """Return the candles of the runs before fees, nanopoints x contracts."""
    return walk(course.runs, course.fills, course.bars)


def worth(course: Course) -> Worth:
    """Return the candles of the runs in micro-USD, each at the rate of its own day."""
    held: dict[int, str] = {}
    facts, runs = course.facts, course.runs
    keys, first, term = np.unique(
        (runs.book << 32) + runs.day, return_index=True, return_inverse=True
    )
    terms = []
    unpriced = np.zeros(len(keys), bool)
    for number, run in enumerate(first.tolist()):
        contract = facts.contracts[course.contract(run)]
        rate = facts.rate(contract.currency, int(runs.day[run]))
        unpriced[number] = rate is None or not contract.point_value
        if rate is not None and contract.point_value:
            terms.append((contract.point_value, rate))
        else:
            why = f"no {contract.currency} rate for {day_of(int(runs.day[run]))}"
            held.update(dict.fromkeys(np.flatnonzero(term == number).tolist(), why))
    told = np.flatnonzero(~unpriced[term])
    if not len(told):
        return Worth(_none(), held)
    dense = np.cumsum(~unpriced) - 1
    priced = course if not held else course.kept(~unpriced[term])
    candles = walk(priced.runs, priced.fills, priced.bars, Rates.of(terms, dense[term[told]]))
    if held:
        candles = replace(candles, series=told[candles.series])
    large = _too_large(candles)
    if len(large):
        held.update(dict.fromkeys(large.tolist(), TOO_LARGE))
        candles = without(candles, large)
    return Worth(candles, held)


def without(candles: Candles, series: Column) -> Candles:
    """Return the candles less these series."""
    if not len(series):
        return candles
    rows = ~np.isin(candles.series, series)
    names = ("series", "minute", "open", "high", "low", "close")
    return Candles(*(getattr(candles, name)[rows] for name in names))


def _too_large(candles: Candles) -> Column:
    """Return the series with a worth that no books can hold."""
    beyond = (candles.high >= MOST_MICROS) | (candles.low <= -MOST_MICROS)
    return np.unique(candles.series[beyond.astype(bool)])


def _none() -> Candles:
    return Candles(*(np.zeros(0, np.int64) for _ in range(6)))
