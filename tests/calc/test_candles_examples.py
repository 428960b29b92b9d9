"""Candles by example: the tables of the definitions, days and nights, what shares a minute."""

from __future__ import annotations

from calc.candles import (
    Bars,
    Fills,
    Runs,
    bases,
    carried,
    chained,
    days,
    excursions,
    index,
    lines,
    merged,
    walk,
)
from tests.calc.candle_rows import NONE, TODAY, bars_of, fills_of, minute, runs_of, table, usd
from tests.calc.candle_worlds import column

ES_BARS = [
    (0, minute("14:30"), "5001.5", "4998.75", "5001"),
    (0, minute("14:31"), "5003", "5000.5", "5002.5"),
    (0, minute("14:32"), "5003.5", "5001.75", "5002"),
]
ES_FILLS = [
    (0, minute("14:30"), 2, "5000"),
    (0, minute("14:32"), -1, "5003"),
    (0, minute("14:33"), -1, "5001.25"),
]
ES_TABLE = [
    ("14:30", 0, 100, 0, 100),
    ("14:31", 100, 300, 50, 250),
    ("14:32", 250, 300, 250, 250),
    ("14:33", 250, 250, 212.5, 212.5),
]


def test_two_es_bought_and_sold_one_by_one():
    runs = runs_of((0, 0, TODAY, 0, 0))
    candles = walk(runs, fills_of(*ES_FILLS), bars_of(*ES_BARS), usd(runs, 50))
    assert table(candles) == ES_TABLE


def test_short_oil():
    runs = runs_of((0, 0, TODAY, 0, 0))
    fills = fills_of((0, minute("14:31"), -1, 70), (0, minute("14:33"), 1, "69.90"))
    bars = bars_of(
        (0, minute("14:31"), "70.05", "70.05", "70.05"),
        (0, minute("14:32"), "70.20", "69.90", "69.95"),
    )
    assert table(walk(runs, fills, bars, usd(runs, 1000))) == [
        ("14:31", 0, 0, -50, -50),
        ("14:32", -50, 100, -200, 50),
        ("14:33", 50, 100, 50, 100),
    ]


def test_the_next_trade_starts_at_the_products_last_close():
    runs = runs_of((0, 0, TODAY, 0, 0), (0, 0, TODAY, 0, 0))
    fills = fills_of(*ES_FILLS, (1, minute("14:40"), 1, 5001), (1, minute("14:40"), -1, 5000))
    candles = walk(runs, fills, bars_of(*ES_BARS), usd(runs, 50))
    assert table(candles, 1) == [("14:40", 0, 0, -50, -50)]

    product = merged(lines(candles, runs), column([0]))
    base = bases(candles, runs, product, column([0]))

    assert base.tolist() == [0, 212_500_000]
    shown = carried(candles, base)
    assert table(shown, 0) == ES_TABLE
    assert table(shown, 1) == [("14:40", 212.5, 212.5, 162.5, 162.5)]
    assert table(product) == [*ES_TABLE, ("14:40", 212.5, 212.5, 162.5, 162.5)]
    day = days(product)
    assert (day.high.item(), day.low.item(), day.close.item()) == (300e6, 0, 162.5e6)
    told = excursions(candles, column([0, 1]), 2)
    assert told.lowest.tolist() == [0, -50_000_000]
    assert told.highest.tolist() == [300_000_000, 0]


def test_overnight_the_day_ends_at_100_and_the_next_one_at_50_below():
    """+1 ES at 5000 at 22:30, marked at the day's last bar, 5002, and sold at 5001 at 00:10."""
    runs = runs_of((0, 0, TODAY, 0, 0), (0, 0, TODAY + 1, 1, 5002))
    fills = fills_of((0, minute("22:30"), 1, 5000), (1, minute("00:10", TODAY + 1), -1, 5001))
    bars = bars_of((0, minute("23:59"), "5002.25", "4999.5", "5002"))
    candles = walk(runs, fills, bars, usd(runs, 50))
    assert table(candles, 0) == [("22:30", 0, 0, 0, 0), ("23:59", 0, 112.5, -25, 100)]
    assert table(candles, 1) == [("00:10", 0, 0, -50, -50)]
    told = days(merged(lines(candles, runs), column([0, 1])))
    assert told.close.tolist() == [100_000_000, -50_000_000]
    assert (told.high.tolist(), told.low.tolist()) == (
        [112_500_000, 0],
        [-25_000_000, -50_000_000],
    )

    whole = excursions(candles, column([0, 0]), 1)
    assert (whole.lowest.item(), whole.highest.item()) == (-25_000_000, 112_500_000)
    assert table(chained(candles, column([0, 0]))) == [
        ("22:30", 0, 0, 0, 0),
        ("23:59", 0, 112.5, -25, 100),
        ("00:10", 100, 100, 50, 50),
    ]


def test_a_held_position_follows_the_bars_from_midnight_on():
    runs = runs_of((0, 0, TODAY, -2, 100))
    bars = bars_of(
        (0, minute("23:59", TODAY - 1), 500, 500, 500),  # another day's
        (0, minute("00:00"), 101, 98, 99),
        (0, minute("23:59"), 103, 100, 102),
        (0, minute("00:00", TODAY + 1), 500, 500, 500),
    )
    none = Fills(*[NONE] * 5)
    assert table(walk(runs, none, bars, usd(runs, 1))) == [
        ("00:00", 0, 4, -2, 2),
        ("23:59", 2, 2, -6, -4),
    ]


def test_two_products_do_not_peak_together():
    """One active: its high on top of the other's level. Both: no higher than open and close."""
    runs = runs_of((0, 0, TODAY, 1, 10), (1, 1, TODAY, 1, 10))
    bars = bars_of(
        (0, minute("09:00"), 15, 8, 12),
        (0, minute("09:01"), 18, 9, 13),
        (1, minute("09:01"), 30, 1, 5),
        (1, minute("09:02"), 9, 4, 7),
    )
    candles = walk(runs, Fills(*[NONE] * 5), bars, usd(runs, 1, 1))
    assert table(merged(candles, column([0, 0]))) == [
        ("09:00", 0, 5, -2, 2),
        ("09:01", 2, 2, -2, -2),
        ("09:02", -2, 2, -3, 0),
    ]


def test_cycles_of_one_line_share_a_minute():
    """Out and in again within 10:00: one candle of the line, and the second trade starts there."""
    runs = runs_of((0, 0, TODAY, 0, 0), (0, 0, TODAY, 0, 0))
    at = minute("10:00")
    fills = fills_of((0, at, 1, 10), (0, at, -1, 13), (1, at, -1, 14), (1, at, 1, 16))
    candles = walk(runs, fills, Bars(*[NONE] * 5), usd(runs, 1))
    assert table(lines(candles, runs)) == [("10:00", 0, 3, 0, 1)]
    product = merged(lines(candles, runs), column([0]))
    assert bases(candles, runs, product, column([0])).tolist() == [0, 3_000_000]


def test_oil_below_zero():
    runs = runs_of((0, 0, TODAY, 0, 0))
    fills = fills_of((0, minute("18:00"), -1, 10), (0, minute("18:30"), 1, "-37.63"))
    assert table(walk(runs, fills, bars_of(), usd(runs, 1000)))[-1][-1] == 47_630


def test_nothing_in_nothing_out():
    runs, fills, bars = Runs(*[NONE] * 5), Fills(*[NONE] * 5), Bars(*[NONE] * 5)
    candles = walk(runs, fills, bars)
    for made in (candles, lines(candles, runs), merged(candles, NONE), index(candles)):
        assert len(made) == 0
    assert len(days(candles)) == len(bases(candles, runs, candles, NONE)) == 0
    assert excursions(candles, NONE, 2).highest.tolist() == [0, 0]
