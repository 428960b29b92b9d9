"""Row 9: the candle kernel against the loop that one would write, in plain integers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from bench.frame import Line, Stand, at_least, row
from bench.rows.matching import round_half_even
from bench.trader_days import FIRST, TRADES, Day, in_lists, listed, trader_days
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

Row = tuple[int, int, int, int, int]  # minute, open, high, low, close


@row("9", "candles against the loop over every minute, in plain integers", size="50 days")
def candles(stand: Stand) -> Iterator[Line]:
    count = stand.count(50)
    alone = [trader_days(1, seed) for seed in range(count)]
    together = [trader_days(count, count)]
    for what, made in ((f"{count} trader-days one by one", alone), (f"{count} at once", together)):
        plain = [in_lists(*part) for part in made]
        stand.say(f"checking that both say the same: {what}")
        if [told(part, *ours(*part)) for part in made] != [by_minute(*lists) for lists in plain]:
            raise AssertionError("the kernel and the loop disagree")
        fast, slow = stand.side_by_side(
            ours=lambda made=made: [ours(*part) for part in made],
            reference=lambda plain=plain: [by_minute(*lists) for lists in plain],
            ours_each=3,
        )
        yield Line(
            f"candles, {what}, {TRADES} trades each: loop / kernel",
            f"{fast / count * 1e3:.2f} ms",
            f"{slow / count * 1e3:.1f} ms",
            slow / fast,
            at_least(20),
            fast / count,
        )


def ours(
    runs: Runs, fills: Fills, bars: Bars, rates: Rates
) -> tuple[Candles, Candles, Candles, tuple[np.ndarray, ...]]:
    """Return each trade carried forward, the products, all of a day together, and its candle."""
    runs = runs.rows(slice(None))  # as if new: a table keeps what it was once asked
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
        [(row[0], row[1:]) for row in listed(shown)],
        [(keys[row[0]], row[1:]) for row in listed(products)],
        [row[1:] for row in listed(total)],
        list(zip(*(column.tolist() for column in ends), strict=True)),
    )
