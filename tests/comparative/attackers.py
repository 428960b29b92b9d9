"""Who wants to know how many contracts the others traded.

Each attacker asks as often and as it likes, and has what a member of the desk has: the answers,
public prices, the own trades, and the desk's habits. It guesses a number of contracts for each
trade of another; where it learns nothing, the one that the habits and the list make likeliest.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tests.comparative.desks import (
    HABITS,
    SHOWN,
    SPREAD,
    TICK_USD,
    VIEWER,
    Day,
    Deal,
    Design,
    Desk,
    Row,
    bucket,
    of_size,
)

NEAR = 0.08
Guesses = dict[Any, int]  # trade, by product and opening: contracts


class Prior:
    """What is known of a trade's size beforehand: how often so many contracts are in a list."""

    def __init__(self, known: Iterable[Desk]) -> None:
        won: dict[int, list[int]] = {}
        for desk in known:
            for day in desk.days:
                for place, deal in enumerate(day.best):
                    counts = won.setdefault(_rung(deal.usd), [1, 1])
                    counts[place >= SHOWN] += 1
        self.shown = {rung: yes / (yes + no) for rung, (yes, no) in won.items()}

    def weight(self, lots: int, one: float) -> float:
        """Return how likely so many contracts are for a listed trade, one of which made `one`."""
        return HABITS[lots] * self.shown.get(_rung(lots * one), 1.0)

    def guess(self, one: float, lots: Iterable[int] = HABITS) -> int:
        return max(lots, key=lambda n: self.weight(n, one))


def _rung(usd: float) -> int:
    return math.floor(2 * math.log2(usd)) if usd > 0 else -99


@dataclass(frozen=True)
class View:
    """All that a viewer has of a desk."""

    desk: Desk
    design: Design
    prior: Prior

    def ask(self, day: Day, **params: Any) -> list[Row]:
        """Ask the endpoint; its secrets are the same each time."""
        return self.design(day, random.Random(self.desk.seed), **params)

    def rows(self) -> Iterator[tuple[Day, list[Row]]]:
        for day in self.desk.days:
            yield day, self.ask(day)

    def theirs(self, rows: Sequence[Row]) -> list[Row]:
        return [row for row in rows if not row["is_own"]]

    def public(self, row: Row) -> Deal:
        """Return a trade without its size: public prices at the minutes that the row tells."""
        return of_size(self.desk.deals[row["key"]], 1)

    def own(self, row: Row) -> Deal:
        deal = self.desk.deals[row["key"]]
        assert deal.trader == VIEWER
        return deal

    def usual(self, row: Row) -> int:
        return self.prior.guess(self.public(row).one)


Attack = Callable[[View], Guesses]


def nobody(view: View) -> Guesses:
    """The prior: what one guesses of these trades without a look at their candles and order."""
    return {row["key"]: view.usual(row) for _, rows in view.rows() for row in view.theirs(rows)}


def own_value(view: View) -> Guesses:
    """The own trade gives the scale: dollars per point of the answer."""
    guesses = nobody(view)
    for _, rows in view.rows():
        for own in (row for row in rows if row["is_own"]):
            told, one = _largest(own, view.public(own))
            scale = view.own(own).lots * one / told
            for row in view.theirs(rows):
                told, one = _largest(row, view.public(row))
                _snap(guesses, row, told * scale / one)
    return guesses


def public_prices(view: View) -> Guesses:
    """Slopes on public prices are a scale times whole numbers of contracts, for all trades."""
    guesses = nobody(view)
    theirs = [row for _, rows in view.rows() for row in view.theirs(rows)]
    slopes = [_slope(row, view.public(row)) for row in theirs]
    if not slopes:
        return guesses

    def plausible(unit: float) -> float:
        return sum(
            math.log(HABITS[lots]) if lots else -20.0 for lots in (_whole(s / unit) for s in slopes)
        )

    units = [slope / lots for slope in slopes for lots in HABITS]
    unit = max(units, key=plausible)
    for row, slope in zip(theirs, slopes, strict=True):
        _snap(guesses, row, slope / unit)
    return guesses


def repeated_requests(view: View) -> Guesses:
    """Noise that comes anew averages out."""
    guesses = nobody(view)
    for day in view.desk.days:
        sums: dict[Any, list[float]] = {}
        for again in range(6):
            for row in view.theirs(view.ask(day, again=again)):
                sums.setdefault(row["key"], []).append(_slope(row, view.public(row)))
        for key, slopes in sums.items():
            _snap(guesses, {"key": key}, sum(slopes) / len(slopes))
    return guesses


def lots_and_buckets(view: View) -> Guesses:
    """Only some numbers of contracts fit into all the buckets of a trade's candles."""
    guesses = nobody(view)
    for _, rows in view.rows():
        for row in view.theirs(rows):
            one = view.public(row)
            pairs = [*zip(_figures(row), _dollars(one), strict=True)]
            fits = [n for n in HABITS if all(bucket(n * usd) == told for told, usd in pairs)]
            if fits:
                guesses[row["key"]] = view.prior.guess(one.one, fits)
    return guesses


def lots_and_factors(view: View) -> Guesses:
    """A factor of known spread makes some numbers of contracts likelier than others."""
    guesses = nobody(view)
    for _, rows in view.rows():
        for row in view.theirs(rows):
            told, usd = _largest(row, view.public(row))
            far = math.log(told / usd) if told / usd > 0 else 0.0
            one = view.public(row).one
            guesses[row["key"]] = max(
                HABITS,
                key=lambda n, far=far, one=one: (
                    math.log(view.prior.weight(n, one)) - (far - math.log(n)) ** 2 / (2 * SPREAD**2)
                ),
            )
    return guesses


def own_place(view: View) -> Guesses:
    """In a list from best to least the own result divides the others."""
    guesses = nobody(view)
    for _, rows in view.rows():
        guesses |= _falling(view, rows)
    return guesses


def other_limits(view: View) -> Guesses:
    """Lists of 1, 2, 3 ... trades, or sorted or cut in other ways, give the order away."""
    guesses = nobody(view)
    for day in view.desk.days:
        order: list[Row] = []
        for limit in range(1, 51):
            rows = view.ask(day, limit=limit)
            if len(rows) != limit:
                break
            known = {row["key"] for row in order}
            order += [row for row in rows if row["key"] not in known]
        if len(order) > 1:  # else it is not the viewer's choice
            guesses |= _falling(view, order)
    return guesses


def many_viewers(view: View) -> Guesses:
    """Ten members lay their lists side by side: the mean place of a trade."""
    guesses = nobody(view)
    for day in view.desk.days:
        lists = [view.ask(day, viewer=viewer) for viewer in range(10)]
        places: dict[Any, float] = {}
        for rows in lists:
            for place, row in enumerate(rows):
                places[row["key"]] = places.get(row["key"], 0) + place
        guesses |= _falling(view, sorted(lists[0], key=lambda row: places[row["key"]]))
    return guesses


def own_place_unlisted(view: View) -> Guesses:
    """What remains: all that are listed made at least what the best own unlisted trade did."""
    guesses = nobody(view)
    for day, rows in view.rows():
        listed = {row["key"] for row in rows}
        hidden = [
            deal.usd
            for deal in day.deals
            if deal.trader == VIEWER and (deal.product, deal.opened_at) not in listed
        ]
        for row in view.theirs(rows):
            one = view.public(row).one
            fits = [n for n in HABITS if n * one >= max(hidden, default=0)]
            guesses[row["key"]] = view.prior.guess(one, fits or HABITS)
    return guesses


def _falling(view: View, rows: Sequence[Row]) -> Guesses:
    """Return the likeliest sizes with which results fall from row to row, the own one known."""
    paths: dict[float, tuple[float, tuple[int, ...]]] = {math.inf: (0.0, ())}
    for row in rows:
        one = view.public(row).one
        known = (view.own(row).lots,) if row["is_own"] else tuple(HABITS)
        new: dict[float, tuple[float, tuple[int, ...]]] = {}
        for above, (likely, path) in paths.items():
            for lots in known:
                usd, sum_ = lots * one, likely + math.log(view.prior.weight(lots, one))
                if usd <= above and (usd not in new or new[usd][0] < sum_):
                    new[usd] = (sum_, (*path, lots))
        paths = new
    if not paths:
        return {}
    best = max(paths.values())[1]
    return {row["key"]: lots for row, lots in zip(rows, best, strict=True) if not row["is_own"]}


def _snap(guesses: Guesses, row: Row, lots: float) -> None:
    if whole := _whole(lots):
        guesses[row["key"]] = whole


def _whole(lots: float) -> int:
    """Return the number of contracts that is near, 0 where none is."""
    near = min(HABITS, key=lambda n: abs(lots - n) / n)
    return near if abs(lots - near) / near < NEAR else 0


def _figures(row: Row) -> list[float]:
    return [candle[name] for candle in row["candles"] for name in ("open", "high", "low", "close")]


def _dollars(one: Deal) -> list[float]:
    return [TICK_USD[one.product] * x for candle in one.ticks for x in candle]


def _largest(row: Row, one: Deal) -> tuple[float, float]:
    """Return the largest figure of a row, and what one contract had made there."""
    told, usd = max(zip(_figures(row), _dollars(one), strict=True), key=lambda pair: abs(pair[0]))
    return told or 1, usd or 1


def _slope(row: Row, one: Deal) -> float:
    told, usd = _figures(row), _dollars(one)
    return sum(a * b for a, b in zip(told, usd, strict=True)) / (sum(b * b for b in usd) or 1)


def recovered(attack: Attack, design: Design, prior: Prior, known: Iterable[Desk]) -> float:
    """Return the share of the others' results, in percent, that are guessed to within a tenth."""
    hits = number = 0
    for desk in known:
        for key, lots in attack(View(desk, design, prior)).items():
            truth = desk.deals[key].lots
            number += 1
            hits += abs(lots - truth) <= truth / 10
    return 100 * hits / number
