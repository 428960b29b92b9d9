"""Traders on the bars of a file."""

from __future__ import annotations

import gzip
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ingestion.simulator import Setup, Simulator, demo
from ingestion.simulator.listings import products
from ingestion.simulator.recorded import BadBars, RecordedMarket
from tests.ingestion.simulator_reader import NS, at

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "bars"
BY_SYMBOL = {one.symbol: one for one in products(25)}


def test_traders_trade_on_recorded_bars():
    files = tuple(sorted(SHARED.glob("lean_*.csv.gz")))
    if not files:
        pytest.skip("the recorded bars are not beside the project")
    start, days = demo.stretch_of((SHARED / "lean_ES_Dec13.csv.gz",), 7)
    setup = Setup(start=start, days=min(days, 12), traders=12, accounts=12, bars=files)
    simulator = Simulator(setup, clock=lambda: at(date(2014, 3, 1)))
    market = simulator.market
    done = [row.told for row in simulator.truth().effective.values() if row.told]

    recorded = [one for one in done if one.instrument in ("ES Dec13", "GC Dec13")]
    assert recorded
    assert not [one for one in done if one.product.symbol == "ES" and one not in recorded]
    for one in recorded:
        month = simulator.reference.contract(one.instrument)
        assert month is not None
        moment = datetime.fromtimestamp(one.ns // NS, UTC)
        day = market.day(month, moment.date())
        minute = moment.hour * 60 + moment.minute
        assert day.volume[minute] > 0
        assert day.lows[minute] <= one.ticks <= day.highs[minute]


def test_recorded_bars_are_served_as_they_are(tmp_path):
    path = tmp_path / "bars.csv.gz"
    with gzip.open(path, "wt") as file:
        file.write(
            "contract,ts_open_utc,open,high,low,close,volume\n"
            "ES Mar26,2026-03-02T15:00:00Z,6000,6001.25,5999.75,6000.5,120\n"
            "ES Mar26,2026-03-02T15:02:00Z,6000.5,6000.5,6000.5,6000.5,1\n"
        )
    simulator = Simulator(
        Setup(start=date(2026, 3, 2), days=1, traders=1, accounts=1, bars=(path,))
    )
    month = simulator.reference.contract("ES Mar26")
    assert month is not None
    rows = simulator.reference.bars(month, 0, 2 * 10**18, now=2 * 10**18, limit=100)

    assert [row.split(b'"open"')[1] for row in rows] == [
        b':6000.00,"high":6001.25,"low":5999.75,"close":6000.50,"volume":120}',
        b':6000.50,"high":6000.50,"low":6000.50,"close":6000.50,"volume":1}',
    ]


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("ES Mar26,2026-03-02T15:00:00Z,6000.1,6001,5999,6000,1", "off the tick"),
        ("ES Mar26,2026-03-02T15:00:00Z,6000,5999,5998,6000,1", "inside its bar"),
        ("Oats,2026-03-02T15:00:00Z,1,1,1,1,1", "no contract"),
    ],
)
def test_bars_that_cannot_be_used_are_refused(tmp_path, row, why):
    path = tmp_path / "bars.csv"
    path.write_text(f"contract,ts_open_utc,open,high,low,close,volume\n{row}\n")
    with pytest.raises(BadBars, match=why):
        RecordedMarket(7, [path], BY_SYMBOL)
    path.write_text("contract,open\nES Mar26,1\n")
    with pytest.raises(BadBars, match="lacks the columns"):
        RecordedMarket(7, [path], BY_SYMBOL)
