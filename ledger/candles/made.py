"""Day candles of some accounts on some days, and how far their trades went."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple, TypeAlias
from uuid import UUID

import numpy as np

from calc.candles import Column, cuts, excursions, line_days, lines
from calc.candles import Excursions as Reach
from ledger.candles.course import Course, Line, Worth, follow, worth
from ledger.candles.fills import UNKNOWN
from ledger.candles.layers import Layer, Row, rows_of
from ledger.candles.lines import Stretch, TradeKey, lines_of, lines_of_trades, own_runs

# An account's days in one contract made at once. Each has up to 1,440 candles, whose columns and
# what is made of them take some 300 bytes a candle: so half a gigabyte at most.
LINE_DAYS = 1_200
# The accounts of one trader of one kind (live, or sim), rising: what is merged.
Desk: TypeAlias = tuple[int, ...]


class Excursions(NamedTuple):
    """How far trades went, columns; ids of 16 bytes, and UNKNOWN for None."""

    account_id: Column
    trade_id: Column
    mae: Column
    mfe: Column


class Made(NamedTuple):
    """rows        day candles of the days made
    excursions  of the trades that opened and closed on one of them, where the books say otherwise
    """

    rows: set[Row]
    excursions: Excursions | None


def make(units: Mapping[Desk, Collection[int]]) -> Made:
    """Make the candles of desks on UTC days (since 1970), and what their day trades went through.

    The number of queries does not depend on the number of days, but for pieces: at most 10 each.
    Under the accounts' locks.
    """
    wanted = lines_of(_stretches(units))
    pieces = _pieces(units, wanted)
    if len(pieces) == 1:
        return _make(units, wanted)
    rows: set[Row] = set()
    far = []
    for piece in pieces:
        made = _make(piece, lines_of(_stretches(piece)))
        rows |= made.rows
        far += [made.excursions] if made.excursions else []
    return Made(rows, _joined(far))


def _pieces(
    units: Mapping[Desk, Collection[int]], wanted: Collection[Line]
) -> Sequence[Mapping[Desk, Collection[int]]]:
    """Cut into pieces of some LINE_DAYS, day by day, so that a day's bars are read seldom twice."""
    desk_of = {account: desk for desk in units for account in desk}
    weight = Counter(
        (day, desk_of[line.place.account_id])
        for line in wanted
        for day in range(line.first, line.last + 1)
    )
    if weight.total() <= LINE_DAYS:
        return [units]
    pieces: list[dict[Desk, list[int]]] = []
    room = 0
    for day, desk in sorted(weight):
        room -= weight[day, desk]
        if room < 0:
            pieces.append({})
            room = LINE_DAYS - weight[day, desk]
        pieces[-1].setdefault(desk, []).append(day)
    return pieces


def _make(units: Collection[Desk], wanted: Collection[Line]) -> Made:
    number = {account: n for n, desk in enumerate(units) for account in desk}
    course = follow(  # desk by desk
        sorted(wanted, key=lambda line: number[line.place.account_id]), named=False
    )
    if course is None:
        return Made(set(), None)
    told = worth(course)
    rows: set[Row] = set()
    for layer in _layers(course, told, number):
        products = layer.by_product()
        rows |= {*rows_of(products), *rows_of(products.of_all())}
        shared = layer.of_desks(number)
        if len(shared.day):
            several = shared.by_product()
            rows |= {row for row in rows_of(several) if row.merged}
            rows |= {row for row in rows_of(several.of_all()) if row.merged}
    return Made(rows, _day_trades(course, told))


def _layers(course: Course, told: Worth, number: Mapping[int, int]) -> Iterator[Layer]:
    """Return the days of lines in pieces that the processor's cache holds; no desk is cut.

    number  of each account's desk, in the order of the course
    """
    runs = course.runs
    first = np.flatnonzero(np.diff(line_days(runs), prepend=-1))  # runs
    line = runs.line[first]
    places = [one.place for one in course.lines]
    account = _accounts(course.lines)[line]
    desk = np.array([number[place.account_id] for place in places], np.int64)[line]
    contracts = course.facts.contracts
    product = np.array([contracts[place.contract_id].product_id for place in places], np.int64)
    unpriced = np.zeros(len(course), bool)
    unpriced[list(told.held)] = True
    unpriced = np.logical_or.reduceat(unpriced, first)
    whole = np.flatnonzero(np.diff(desk, prepend=-1, append=-1))
    until = np.append(first, len(course))  # run of each line's day and of the end
    row = np.searchsorted(told.candles.series, until)
    for start, stop in pairwise(whole[cuts(np.diff(row[whole]))].tolist()):
        mine = slice(start, stop)
        days_of = slice(first[start], until[stop])
        candles = told.candles.rows(slice(row[start], row[stop]))
        yield Layer(
            candles=lines(
                replace(candles, series=candles.series - first[start]), runs.rows(days_of)
            ),
            owner=account[mine],
            day=runs.day[first[mine]],
            product=product[line[mine]],
            has_bars=course.has_bars[first[mine]],
            unpriced=unpriced[mine],
            accounts=[{one} for one in account[mine].tolist()],
        )


def overnight(trades: Collection[TradeKey]) -> Excursions | None:
    """Say how far trades went that last over midnight. At most 9 queries, but for pieces."""
    pieces: list[dict[UUID, Line]] = []
    room = 0
    for pk, line in lines_of_trades(trades).items():
        room -= line.last - line.first + 1
        if room < 0:
            pieces.append({})
            room = LINE_DAYS - (line.last - line.first + 1)
        pieces[-1][pk] = line
    return _joined([far for piece in pieces if (far := _over_days(piece))])


def _over_days(wanted: dict[UUID, Line]) -> Excursions | None:
    course = own_runs(wanted)
    if course is None:
        return None
    told = worth(course)
    trade = course.runs.line
    ids = np.frombuffer(b"".join(pk.bytes for pk in wanted), "V16")
    reach = excursions(told.candles, trade, len(ids))
    has_bars = np.bincount(trade, course.has_bars, len(ids)) > 0
    has_bars[trade[np.array(sorted(told.held), np.int64)]] = False
    known = np.unique(trade)
    return Excursions(_accounts(wanted.values())[known], ids[known], *_far(reach, has_bars, known))


def _joined(parts: Sequence[Excursions]) -> Excursions | None:
    if not parts:
        return None
    return Excursions(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def _day_trades(course: Course, told: Worth) -> Excursions:
    """Say how far the trades went that opened and closed on one day, if the books do not yet."""
    reach = excursions(told.candles, np.arange(len(course)), len(course))
    known = course.has_bars.copy()
    known[list(told.held)] = False
    books, row = course.trades()
    mine = np.flatnonzero(course.one_day[course.cycle])
    books = books[row[course.cycle[mine]]]
    mae, mfe = _far(reach, known, mine)
    changed = (books["mae"] != mae) | (books["mfe"] != mfe)
    account = _accounts(course.lines)[course.runs.line[mine]]
    return Excursions(account[changed], books["id"][changed], mae[changed], mfe[changed])


def _accounts(these: Iterable[Line]) -> Column:
    return np.array([line.place.account_id for line in these], np.int64)


def _far(reach: Reach, known: Column, rows: Column) -> tuple[Column, Column]:
    """Return mae and mfe of some trades; UNKNOWN where there are no bars, or no price."""
    mae, mfe = (
        np.where(known[rows], column[rows], UNKNOWN).astype(np.int64)
        for column in (reach.lowest, reach.highest)
    )
    return mae, mfe


def _stretches(units: Mapping[Desk, Collection[int]]) -> list[Stretch]:
    """Join days that follow each other."""
    found = []
    for desk, numbers in units.items():
        first = last = None
        for day in sorted(set(numbers)):
            if last is not None and day == last + 1:
                last = day
                continue
            if first is not None and last is not None:
                found += [Stretch(account, first, last) for account in desk]
            first = last = day
        if first is not None and last is not None:
            found += [Stretch(account, first, last) for account in desk]
    return found
