"""Row 9: the candle kernel against the loop that one would write, in plain integers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from decimal import Decimal

import numpy as np

from bench.frame import Line, Stand, at_least, row
from bench.rows.matching import round_half_even
from calc.candles import (
    Bars,
    Candles,
    Fills,
    Rates,
    Runs,
    bases,
    carried,
    days,
    line_days,
    lines,
    merged,
    walk,
)

PRODUCTS, TRADES = 8, 60  # of a trader-day
MINUTES = 1440
FIRST = 20_000  # day
TICK = 250_000_000  # nanopoints
TERMS = [(Decimal(v), Decimal(r)) for v in ("50", "12.5") for r in ("1", "1.08345")]

Day = tuple[Runs, Fills, Bars, Rates]
Row = tuple[int, int, int, int, int]  # minute, open, high, low, close


@row("9", "candles against the loop over every minute, in plain integers")
def candles(stand: Stand) -> Iterator[Line]:
    count = stand.count(50)
    alone = [trader_days(1, seed) for seed in range(count)]
    together = [trader_days(count, count)]
    for what, made in ((f"{count} trader-days one by one", alone), (f"{count} at once", together)):
        plain = [in_lists(*days) for days in made]
        stand.say(f"checking that both say the same: {what}")
        if [told(days, *ours(*days)) for days in made] != [by_minute(*lists) for lists in plain]:
            raise AssertionError("the kernel and the loop disagree")
        fast, slow = stand.side_by_side(
            ours=lambda made=made: [ours(*days) for days in made],
            reference=lambda plain=plain: [by_minute(*lists) for lists in plain],
            ours_each=3,
        )
        yield Line(
            f"candles, {what}, {TRADES} trades each: loop / kernel",
            f"{fast / count * 1e3:.2f} ms",
            f"{slow / count * 1e3:.1f} ms",
            slow / fast,
            at_least(20),
        )


def ours(
    runs: Runs, fills: Fills, bars: Bars, rates: Rates
) -> tuple[Candles, Candles, Candles, tuple[np.ndarray, ...]]:
    """Return each trade carried forward, the products, all of a day together, and its candle."""
    alone = walk(runs, fills, bars, rates)
    # A line is a product here.
    line = line_days(runs)
    into = np.arange(line[-1] + 1)
    products = merged(lines(alone, runs), into)
    day = np.empty_like(into)
    day[line] = runs.day
    total = merged(products, day - FIRST)
    ends = days(total)
    shown = carried(alone, bases(alone, runs, products, into))
    return shown, products, total, (ends.high, ends.low, ends.close)


def trader_days(count: int, seed: int) -> Day:
    """Make days of trades that scale in and out, in products that trade nearly every minute."""
    random = np.random.default_rng(seed)
    bars = [_bars(book, count, random) for book in range(PRODUCTS)]
    price = {
        (book, minute): close
        for book, columns in enumerate(bars)
        for minute, close in zip(columns[1].tolist(), columns[4].tolist(), strict=True)
    }
    runs: list[tuple[int, ...]] = []
    parts: list[tuple[int, ...]] = []
    for book in range(PRODUCTS):
        for day in range(FIRST, FIRST + count):
            of_book = TRADES // PRODUCTS + (book < TRADES % PRODUCTS)
            moments = np.sort(random.choice(MINUTES, 2 * of_book, replace=False)).tolist()
            for begin, end in zip(moments[::2], moments[1::2], strict=True):
                side = int(random.choice([-1, 1]))
                between = np.sort(random.integers(begin, end + 1, 2)).tolist()
                steps = zip([begin, *between, end], (2, 1, -1, -2), strict=True)
                for minute, contracts in steps:
                    at = day * MINUTES + minute
                    level = price.get((book, at), 5000 * 10**9) + int(random.integers(-4, 5)) * TICK
                    fee = int(random.integers(0, 5_000_000))
                    parts.append((len(runs), at, side * contracts, level, fee))
                runs.append((book, book, day, 0, 0))
    made = Runs(*np.array(runs, np.int64).T)
    return (
        made,
        Fills(*np.array(parts, np.int64).T),
        Bars(*(np.concatenate(columns) for columns in zip(*bars, strict=True))),
        Rates.of(TERMS, made.book % len(TERMS)),
    )


def _bars(book: int, count: int, random: np.random.Generator) -> tuple[np.ndarray, ...]:
    minute = FIRST * MINUTES + np.flatnonzero(random.random(count * MINUTES) < 0.95)
    close = (20_000 + np.cumsum(random.integers(-2, 3, len(minute)))) * TICK
    high = close + random.integers(0, 4, len(minute)) * TICK
    low = close - random.integers(0, 4, len(minute)) * TICK
    return np.full(len(minute), book), minute, high, low, close


def in_lists(
    runs: Runs, fills: Fills, bars: Bars, rates: Rates
) -> tuple[list, list, list[list], list[dict]]:
    """Return what the loop reads: per run its facts, rates and fills; per book a dict of bars."""
    of_run: list[list] = [[] for _ in range(len(runs))]
    for run, *fill in _listed(fills):
        of_run[run].append(fill)
    books: list[dict] = [{} for _ in range(PRODUCTS)]
    for book, minute, *prices in _listed(bars):
        books[book][minute] = prices
    return _listed(runs), _listed(rates), of_run, books


def _listed(table: Runs | Fills | Bars | Rates | Candles) -> list[tuple[int, ...]]:
    columns = (getattr(table, field.name).tolist() for field in fields(table))
    return list(zip(*columns, strict=True))


def by_minute(facts: list, prices: list, of_run: list, books: list) -> tuple[list, ...]:
    """Answer what the kernel answers, one minute after the other, in local variables."""
    shown: list[tuple[int, Row]] = []
    products: dict[tuple[int, int], list[Row]] = {}
    for n, (line, _, day, _, _) in enumerate(facts):
        above, below, fee_above, fee_below = prices[n]
        book, fills = books[line], of_run[n]
        candles = products.setdefault((line, day), [])
        base = level = candles[-1][4] if candles else 0
        at = position = cash = fees = paid = 0
        size = len(fills)
        for minute in range(fills[0][0], fills[-1][0] + 1):
            bar = book.get(minute)
            opened = high = low = level
            if at < size and fills[at][0] == minute:
                while at < size and fills[at][0] == minute:
                    _, signed, price, fee = fills[at]
                    position += signed
                    cash -= signed * price
                    fees += fee
                    paid = base - round_half_even(fees * fee_above, fee_below)
                    level = round_half_even((cash + position * price) * above, below) + paid
                    high, low = max(high, level), min(low, level)
                    at += 1
                if bar and position:
                    level = round_half_even((cash + position * bar[2]) * above, below) + paid
                    high, low = max(high, level), min(low, level)
            elif bar:
                one, other, last = bar
                up = round_half_even((cash + position * one) * above, below) + paid
                down = round_half_even((cash + position * other) * above, below) + paid
                level = round_half_even((cash + position * last) * above, below) + paid
                high, low = max(high, up, down, level), min(low, up, down, level)
            else:
                continue
            candle = minute, opened, high, low, level
            shown.append((n, candle))
            if candles and candles[-1][0] == minute:
                _, opened, before_high, before_low, _ = candles.pop()
                candle = minute, opened, max(before_high, high), min(before_low, low), level
            candles.append(candle)
    totals, ends = together(products)
    return shown, [(key, c) for key, rows in products.items() for c in rows], totals, ends


def together(products: dict[tuple[int, int], list[Row]]) -> tuple[list, list]:
    """Return the candles of all products of each day, and the day's high, low and close."""
    days_of: dict[int, dict[int, list[Row]]] = {}
    for (_, day), candles in products.items():
        minutes = days_of.setdefault(day, {})
        for candle in candles:
            minutes.setdefault(candle[0], []).append(candle)
    totals, ends = [], []
    for day in sorted(days_of):
        level = highest = lowest = 0
        for minute in sorted(days_of[day]):
            active = days_of[day][minute]
            opened = level
            for candle in active:
                level += candle[4] - candle[1]
            if len(active) == 1:
                _, own, high, low, _ = active[0]
                high, low = opened + high - own, opened + low - own
            else:
                high, low = max(opened, level), min(opened, level)
            highest, lowest = max(highest, high), min(lowest, low)
            totals.append((minute, opened, high, low, level))
        ends.append((highest, lowest, level))
    return totals, ends


def told(
    made: Day, shown: Candles, products: Candles, total: Candles, ends: tuple[np.ndarray, ...]
) -> tuple[list, ...]:
    """Return the kernel's answer in the loop's words."""
    runs = made[0]
    keys = dict(enumerate(dict.fromkeys(zip(runs.line.tolist(), runs.day.tolist(), strict=True))))
    return (
        [(row[0], row[1:]) for row in _listed(shown)],
        [(keys[row[0]], row[1:]) for row in _listed(products)],
        [row[1:] for row in _listed(total)],
        list(zip(*(column.tolist() for column in ends), strict=True)),
    )
