"""Minute candles of many series beside each other, merged step by step into rows that are kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np

from calc.candles import Candles, Column, days, merged
from ledger.candles.course import without
from ledger.fold.facts import day_of
from ledger.fold.results import MOST_MICROS

ALL_PRODUCTS = 0


class Row(NamedTuple):
    """A row of DayCandle; micro-USD."""

    account_id: int
    day: date
    product_id: int
    merged: tuple[int, ...]
    high: int
    low: int
    close: int


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
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

    def by_product(self) -> Layer:
        """Merge lines into products; those without any bar, or not priced whole, are left out."""
        return self._into(self.product)

    def of_all(self) -> Layer:
        """Merge the products that have candles; nothing where one of them is not priced."""
        kept = without(self.candles, np.flatnonzero(~self.has_bars | self.unpriced))
        priced = self.unpriced & self.has_bars
        layer = Layer(
            kept, self.owner, self.day, self.product, self.has_bars, priced, self.accounts
        )
        return layer._into(np.full(len(self.day), ALL_PRODUCTS))

    def of_desks(self, number: Mapping[int, int]) -> Layer:
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
        return Layer(
            Candles(
                dense[candles.series] if len(candles) else candles.series,
                candles.minute, candles.open, candles.high, candles.low, candles.close,
            ),
            desk[several], self.day[several], self.product[several], self.has_bars[several],
            self.unpriced[several], [self.accounts[n] for n in np.flatnonzero(several)],
        )  # fmt: skip

    def _into(self, product: Column) -> Layer:
        keys, group = np.unique(
            np.stack([self.owner, self.day, product]), axis=1, return_inverse=True
        )
        group = group.reshape(-1)
        count = keys.shape[1]
        accounts: list[set[int]] = [set() for _ in range(count)]
        for number, mine in zip(group.tolist(), self.accounts, strict=True):
            accounts[number] |= mine
        return Layer(
            candles=merged(self.candles, group),
            owner=keys[0],
            day=keys[1],
            product=keys[2],
            has_bars=np.bincount(group, self.has_bars, count) > 0,
            unpriced=np.bincount(group, self.unpriced, count) > 0,
            accounts=accounts,
        )


def rows_of(layer: Layer) -> Iterable[Row]:
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
