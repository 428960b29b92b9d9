"""Trader-days: trades in products that trade nearly every minute, with their one-minute bars."""

from __future__ import annotations

from dataclasses import fields
from decimal import Decimal

import numpy as np

from calc.candles import Bars, Candles, Fills, Rates, Runs

PRODUCTS, TRADES = 8, 60  # of a trader-day
MINUTES = 1440
FIRST = 20_000  # day
TICK = 250_000_000  # nanopoints
TERMS = [(Decimal(v), Decimal(r)) for v in ("50", "12.5") for r in ("1", "1.08345")]

Day = tuple[Runs, Fills, Bars, Rates]


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
    for run, *fill in listed(fills):
        of_run[run].append(fill)
    books: list[dict] = [{} for _ in range(PRODUCTS)]
    for book, minute, *prices in listed(bars):
        books[book][minute] = prices
    return listed(runs), listed(rates), of_run, books


def listed(table: Runs | Fills | Bars | Rates | Candles) -> list[tuple[int, ...]]:
    columns = (getattr(table, field.name).tolist() for field in fields(table))
    return list(zip(*columns, strict=True))
