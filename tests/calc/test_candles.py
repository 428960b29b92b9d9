"""The candle kernel against a walk through every minute, and against what must always hold."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from calc import matching
from calc.candles import (
    bases,
    carried,
    days,
    excursions,
    index,
    lines,
    merged,
    walk,
)
from calc.money import fees_usd_micros, usd_micros
from tests.calc import candle_twin as twin
from tests.calc.candle_twin import DAY, GROSS
from tests.calc.candle_worlds import (
    ANY_INT64,
    FIRST,
    HUGE,
    by_series,
    column,
    rates_of,
    run_columns,
    terms_of,
    worlds,
)


def slow_walks(world, *, gross=False):
    return [
        twin.walk(
            run,
            world.bars[world.contract[line]],
            GROSS if gross else terms_of(world, line, run),
        )
        for line, run in world.runs()
    ]


def line_days_of(world):
    """Return which runs each line's day has, in the kernel's order."""
    made: dict[tuple[int, int], list[int]] = {}
    for n, (line, run) in enumerate(world.runs()):
        made.setdefault((line, run.day), []).append(n)
    return made


@settings(max_examples=120)
@given(worlds())
def test_runs_agree_with_the_slow_way(world):
    slow = slow_walks(world)
    candles = walk(*run_columns(world), rates_of(world))
    assert by_series(candles, len(slow)) == slow


@settings(max_examples=50)
@given(worlds(), st.integers(1, 9))
def test_chunks_do_not_show(world, size):
    whole = each_level(world)
    with pytest.MonkeyPatch.context() as patch:
        for module in ("exact", "merge"):
            patch.setattr(import_module(f"calc.candles.{module}"), "CHUNK", size)
        chunked = each_level(world)
    assert chunked == whole


def each_level(world):
    runs, fills, bars = run_columns(world)
    alone = walk(runs, fills, bars, rates_of(world))
    own = lines(alone, runs)
    of = column(range(len(line_days_of(world))))
    levels = (alone, merged(own, of), merged(own, of[::-1]), merged(own, of % 3))
    return [[c.tolist() for c in candles.columns] for candles in levels]


@given(worlds())
def test_gross_runs_agree_with_the_slow_way(world):
    slow = slow_walks(world, gross=True)
    assert by_series(walk(*run_columns(world)), len(slow)) == slow


@settings(max_examples=60)
@given(worlds(signed=HUGE, price=ANY_INT64, fees=ANY_INT64, most=4), st.booleans())
def test_agrees_where_64_bits_do_not_suffice(world, gross):
    assume(all(-(2**63) < run.position < 2**63 for _, run in world.runs()))
    assume(all(f.signed > -(2**63) for _, run in world.runs() for f in run.fills))
    slow = slow_walks(world, gross=gross)
    runs, fills, bars = run_columns(world)
    candles = walk(runs, fills, bars, None if gross else rates_of(world))
    assert by_series(candles, len(slow)) == slow
    check_all_levels(world, slow, runs, candles)


@given(worlds(signed=st.sampled_from([-3, -1, 1, 2]), price=st.integers(2**57, 2**62), most=6))
def test_agrees_at_the_edge_of_64_bits(world):
    slow = slow_walks(world, gross=True)
    runs, fills, bars = run_columns(world)
    candles = walk(runs, fills, bars)
    assert by_series(candles, len(slow)) == slow
    check_all_levels(world, slow, runs, candles)


@settings(max_examples=120)
@given(worlds())
def test_lines_products_totals_and_bases_agree_with_the_slow_way(world):
    runs, fills, bars = run_columns(world)
    check_all_levels(world, slow_walks(world), runs, walk(runs, fills, bars, rates_of(world)))


def check_all_levels(world, slow, runs, candles):
    """Compare lines, products, all, days, bases and carried candles with the twin's."""
    mine = line_days_of(world)
    slow_lines = [twin.follow([slow[n] for n in members]) for members in mine.values()]
    whole = lines(candles, runs)
    assert by_series(whole, len(mine)) == slow_lines

    product = [world.product[world.contract[line]] for line, _ in mine]
    into = column((day - FIRST) * 2 + p for (_, day), p in zip(mine, product, strict=True))
    slow_products = [
        twin.merge([slow_lines[n] for n in np.flatnonzero(into == group)]) for group in range(8)
    ]
    products = merged(whole, into)
    assert by_series(products, 8) == slow_products

    slow_totals = [twin.merge(slow_products[2 * day : 2 * day + 2]) for day in range(4)]
    totals = merged(products, np.arange(8) // 2)
    assert by_series(totals, 4) == slow_totals

    for minutes, slow_minutes in ((products, slow_products), (totals, slow_totals)):
        told = days(minutes)
        figures = zip(told.high.tolist(), told.low.tolist(), told.close.tolist(), strict=True)
        assert dict(zip(told.series.tolist(), figures, strict=True)) == {
            n: twin.day(candles) for n, candles in enumerate(slow_minutes) if candles
        }

    slow_bases = [0] * len(slow)
    for number, members in enumerate(mine.values()):
        own = [slow[n] for n in members]
        for place, n in enumerate(members):
            is_held = world.runs()[n][1].position != 0
            slow_bases[n] = twin.base(own, place, is_held, slow_products[into[number]])
    base = bases(candles, runs, products, into)
    assert base.tolist() == slow_bases
    assert by_series(carried(candles, base), len(slow)) == [
        [twin.Candle(c.minute, *(shift + value for value in c[1:])) for c in series]
        for shift, series in zip(slow_bases, slow, strict=True)
    ]


@given(worlds())
def test_excursions_and_whole_trades_agree_with_the_slow_way(world):
    listed = world.runs()
    trades = list(dict.fromkeys((line, run.cycle) for line, run in listed))
    of = [trades.index((line, run.cycle)) for line, run in listed]
    slow = slow_walks(world)
    whole = [
        twin.follow([slow[n] for n in range(len(slow)) if of[n] == trade])
        for trade in range(len(trades))
    ]
    found = excursions(walk(*run_columns(world), rates_of(world)), column(of), len(trades))
    assert found.lowest.tolist() == [min([0, *(c.low for c in t)]) for t in whole]
    assert found.highest.tolist() == [max([0, *(c.high for c in t)]) for t in whole]


@given(worlds())
def test_each_candle_opens_where_the_last_closed_and_holds_all_of_it(world):
    runs, fills, bars = run_columns(world)
    candles = walk(runs, fills, bars, rates_of(world))
    whole = lines(candles, runs)
    for made in (candles, whole, merged(whole, np.zeros(whole.series.max(initial=0) + 1, int))):
        keys = list(zip(made.series.tolist(), made.minute.tolist(), strict=True))
        assert keys == sorted(set(keys))
        same = made.series[1:] == made.series[:-1]
        assert (made.open[1:] == made.close[:-1])[same].all()
        assert (made.open[:1] == 0).all()
        assert (made.open[1:] == 0)[~same].all()
        assert (made.high >= np.maximum(made.open, made.close)).all()
        assert (made.low <= np.minimum(made.open, made.close)).all()


@given(worlds())
def test_last_close_of_a_trade_inside_one_day_is_what_was_booked(world):
    """To the micro, fees and all: against the matching, which knows nothing of candles."""
    candles = by_series(walk(*run_columns(world), rates_of(world)), len(world.runs()))
    for line, fills in enumerate(world.lines):
        if not fills:
            continue
        rows = [(0, f.signed, f.price, f.fees, f.minute // DAY) for f in fills]
        cycles = matching.match(
            matching.Fills(*(column(values) for values in zip(*rows, strict=True)))
        ).cycles
        mine = [(n, run) for n, (owner, run) in enumerate(world.runs()) if owner == line]
        for number in np.flatnonzero(cycles.closed).tolist():
            at = [n for n, run in mine if run.cycle == number]
            if len(at) > 1:
                continue
            terms = world.terms[world.contract[line], world.runs()[at[0]][1].day]
            gross = usd_micros(cycles.gross_points[[number]], *terms)
            fees = fees_usd_micros(cycles.fees[[number]], terms[1])
            assert candles[at[0]][-1].close == (gross - fees).item()


@given(worlds(), st.integers(1, 50))
def test_the_index_tells_nothing_of_size(world, factor):
    listed = world.runs()
    slow = slow_walks(world, gross=True)
    runs, fills, bars = run_columns(world)
    told = index(walk(runs, fills, bars))
    assert by_series(told, len(listed)) == [twin.index(series) for series in slow]
    larger = walk(
        replace(runs, position=runs.position * factor),
        replace(fills, signed=fills.signed * factor, fees=fills.fees + 7),
        bars,
    )
    assert by_series(index(larger), len(listed)) == by_series(told, len(listed))
