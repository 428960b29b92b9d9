"""Day candles of some accounts on some days, and how far their trades went."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import NamedTuple, TypeAlias

import numpy as np

from calc.candles import Candles, Column, cuts, days, excursions, line_days, lines, merged
from calc.candles import Excursions as Reach
from ledger.candles.course import Course, Line, Worth, follow, without, worth
from ledger.candles.fills import UNKNOWN
from ledger.candles.lines import Stretch, TradeKey, lines_of, lines_of_trades, own_runs
from ledger.fold.facts import day_of
from ledger.fold.results import MOST_MICROS

ALL_PRODUCTS = 0
# The accounts of one trader of one kind (live, or sim), rising: what is merged.
Desk: TypeAlias = tuple[int, ...]


class Row(NamedTuple):
    """A row of DayCandle; micro-USD."""

    account_id: int
    day: date
    product_id: int
    merged: tuple[int, ...]
    high: int
    low: int
    close: int


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

    The number of queries does not depend on the number of days. At most 10. Under the accounts'
    locks.
    """
    number = {account: n for n, desk in enumerate(units) for account in desk}
    wanted = sorted(lines_of(_stretches(units)), key=lambda line: number[line.place.account_id])
    course = follow(wanted, named=False)  # desk by desk
    if course is None:
        return Made(set(), None)
    told = worth(course)
    rows: set[Row] = set()
    for layer in _layers(course, told, number):
        products = layer.by_product()
        rows |= {*_rows(products), *_rows(products.of_all())}
        shared = layer.of_desks(number)
        if len(shared.day):
            several = shared.by_product()
            rows |= {row for row in _rows(several) if row.merged}
            rows |= {row for row in _rows(several.of_all()) if row.merged}
    return Made(rows, _day_trades(course, told))


def _layers(course: Course, told: Worth, number: Mapping[int, int]) -> Iterator[_Layer]:
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
        yield _Layer(
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
    """Say how far trades went that last over midnight. At most 9 queries."""
    wanted = lines_of_trades(trades)
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


@dataclass(frozen=True, slots=True, eq=False)
class _Layer:
    """Minute candles of some series, and what each of them is of; columns (series,).

    owner     an account, or the number of a desk
    unpriced  some of it could not be priced
    accounts  which accounts were active in it
    """

    candles: Candles
    owner: Column
    day: Column
    product: Column
    has_bars: Column
    unpriced: Column
    accounts: list[set[int]]

    def by_product(self) -> _Layer:
        """Merge lines into products; those without any bar, or not priced whole, are left out."""
        return self._into(self.product)

    def of_all(self) -> _Layer:
        """Merge the products that have candles; nothing where one of them is not priced."""
        kept = without(self.candles, np.flatnonzero(~self.has_bars | self.unpriced))
        priced = self.unpriced & self.has_bars
        layer = _Layer(
            kept, self.owner, self.day, self.product, self.has_bars, priced, self.accounts
        )
        return layer._into(np.full(len(self.day), ALL_PRODUCTS))

    def of_desks(self, number: Mapping[int, int]) -> _Layer:
        """Return the series of desks of whose accounts several were active on the day.

        number  of each account's desk
        """
        desk = np.array([number[account] for account in self.owner.tolist()], np.int64)
        active: dict[tuple[int, int], set[int]] = {}
        keys = list(zip(desk.tolist(), self.day.tolist(), strict=True))
        for key, accounts in zip(keys, self.accounts, strict=True):
            active.setdefault(key, set()).update(accounts)
        several = np.array([len(active[key]) > 1 for key in keys], bool)
        dense = np.cumsum(several) - 1
        candles = without(self.candles, np.flatnonzero(~several))
        return _Layer(
            Candles(
                dense[candles.series] if len(candles) else candles.series,
                candles.minute, candles.open, candles.high, candles.low, candles.close,
            ),
            desk[several], self.day[several], self.product[several], self.has_bars[several],
            self.unpriced[several], [self.accounts[n] for n in np.flatnonzero(several)],
        )  # fmt: skip

    def _into(self, product: Column) -> _Layer:
        keys, group = np.unique(
            np.stack([self.owner, self.day, product]), axis=1, return_inverse=True
        )
        group = group.reshape(-1)
        count = keys.shape[1]
        accounts: list[set[int]] = [set() for _ in range(count)]
        for number, mine in zip(group.tolist(), self.accounts, strict=True):
            accounts[number] |= mine
        return _Layer(
            candles=merged(self.candles, group),
            owner=keys[0],
            day=keys[1],
            product=keys[2],
            has_bars=np.bincount(group, self.has_bars, count) > 0,
            unpriced=np.bincount(group, self.unpriced, count) > 0,
            accounts=accounts,
        )


def _rows(layer: _Layer) -> Iterable[Row]:
    """Return the day candles of the series that have bars and are priced whole."""
    told = days(layer.candles)
    for n, high, low, close in zip(
        *(column.tolist() for column in (told.series, told.high, told.low, told.close)),
        strict=True,
    ):
        if layer.has_bars[n] and not layer.unpriced[n] and max(high, -low) < MOST_MICROS:
            account, *others = sorted(layer.accounts[n])
            yield Row(
                account, day_of(int(layer.day[n])), int(layer.product[n]), tuple(others),
                high, low, close,
            )  # fmt: skip
